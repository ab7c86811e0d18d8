"""The S3 benchmark; `scripts/bench s3` runs it."""
