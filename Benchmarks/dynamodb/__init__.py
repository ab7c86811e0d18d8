"""The DynamoDB benchmark; `scripts/bench dynamodb` runs it."""
