"""One query language over two engines; indexing by outbox."""
