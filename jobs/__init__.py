"""Work as rows: claimed by lease, kept alive by heartbeat, swept when lost. The queue is only a nudge."""
