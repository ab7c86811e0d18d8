"""The AWS CLI, as anyone would type it."""

import filecmp
import os

import pytest

from conftest import new_bucket


@pytest.fixture(params=["plain", "tls"])
def to(request, server, tls_server):
    return tls_server if request.param == "tls" else server


def test_a_file_goes_up_and_comes_down(aws, to, tmp_path):
    bucket = f"cli-{os.getpid()}-{'tls' if to.ca_bundle else 'plain'}"
    source = tmp_path / "source"
    source.write_bytes(os.urandom(20 << 20))
    aws("s3", "mb", f"s3://{bucket}", to=to)
    aws("s3", "cp", str(source), f"s3://{bucket}/dir/file", to=to)
    aws("s3", "cp", f"s3://{bucket}/dir/file", str(tmp_path / "back"), to=to)
    assert filecmp.cmp(source, tmp_path / "back", shallow=False)
    assert b"dir/" in aws("s3", "ls", f"s3://{bucket}", to=to).stdout
    assert b"20971520 file" in aws("s3", "ls", f"s3://{bucket}/dir/", to=to).stdout
    assert bucket.encode() in aws("s3", "ls", to=to).stdout
    aws("s3", "cp", f"s3://{bucket}/dir/file", f"s3://{bucket}/copy", to=to)
    aws("s3", "mv", f"s3://{bucket}/copy", f"s3://{bucket}/moved", to=to)
    aws("s3", "rm", f"s3://{bucket}/dir/file", to=to)
    assert aws("s3", "rb", f"s3://{bucket}", to=to, check=False).returncode != 0
    aws("s3", "rb", "--force", f"s3://{bucket}", to=to)
    assert bucket.encode() not in aws("s3", "ls", to=to).stdout


def test_a_tree_is_synchronised(aws, client, bucket, tmp_path):
    tree = tmp_path / "tree"
    for index in range(40):
        path = tree / f"dir {index % 4}" / f"file+{index} ü.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(index * 997))
        # Times in listings are cut to seconds: a file of this very second would look newer than its copy.
        os.utime(path, (path.stat().st_mtime - 60,) * 2)
    aws("s3", "sync", str(tree), f"s3://{bucket}/tree")
    assert aws("s3", "sync", str(tree), f"s3://{bucket}/tree").stdout == b"", "nothing changed: nothing is sent"
    aws("s3", "sync", f"s3://{bucket}/tree", str(tmp_path / "back"))
    compared = filecmp.dircmp(tree, tmp_path / "back")
    assert not compared.left_only and not compared.right_only
    for path in tree.rglob("*.txt"):
        assert filecmp.cmp(path, tmp_path / "back" / path.relative_to(tree), shallow=False)
    next(tree.rglob("*.txt")).unlink()
    assert b"delete:" in aws("s3", "sync", "--delete", str(tree), f"s3://{bucket}/tree").stdout
    aws("s3", "rm", "--recursive", f"s3://{bucket}/tree")
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_standard_input_and_output(aws, bucket):
    body = os.urandom(9 << 20)
    aws("s3", "cp", "-", f"s3://{bucket}/piped", input=body)
    assert aws("s3", "cp", f"s3://{bucket}/piped", "-").stdout == body


def test_in_another_region(aws, irish):
    bucket = new_bucket(irish)
    aws("s3", "cp", "-", f"s3://{bucket}/k", input=b"x", region="eu-west-1")
    # Signed for us-east-1: served all the same.
    assert aws("s3", "cp", f"s3://{bucket}/k", "-").stdout == b"x"
    assert b"eu-west-1" in aws("s3api", "get-bucket-location", "--bucket", bucket).stdout


def test_errors_are_readable(aws):
    done = aws("s3", "ls", "s3://no-such-bucket-here", check=False)
    assert done.returncode != 0
    assert b"NoSuchBucket" in done.stderr
