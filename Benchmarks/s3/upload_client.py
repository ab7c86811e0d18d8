"""One of the clients of the memory row: uploads a file with boto3 in its default configuration, hence by multipart.

Run as `python -m s3.upload_client ENDPOINT BUCKET KEY FILE`.
"""

import os
import sys

import boto3
from harness.signature import ACCESS_KEY, REGION, SECRET_KEY


def main() -> None:
    endpoint, bucket, key, file = sys.argv[1:]
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
    client.upload_file(file, bucket, key)
    stored = client.head_object(Bucket=bucket, Key=key)
    if stored["ContentLength"] != os.path.getsize(file) or "-" not in stored["ETag"]:
        sys.exit(f"stored as {stored['ContentLength']} bytes with the ETag {stored['ETag']}")


if __name__ == "__main__":
    main()
