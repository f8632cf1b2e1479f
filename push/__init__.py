"""Server-sent events: `channels.publish(channel, kind, payload)` writes a row; the stream door sends it on."""
