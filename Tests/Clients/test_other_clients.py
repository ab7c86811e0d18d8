"""Clients of other make: s3cmd and rclone from Debian, minio-py and obstore from PyPI."""

import datetime
import filecmp
import io
import os
import subprocess

import pytest

from conftest import new_bucket, tool


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    for index in range(12):
        path = root / f"d{index % 3}" / f"f {index}+ü.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(index * 1111))
    (root / "large.bin").write_bytes(os.urandom(18 << 20))
    return root


def same(left, right):
    files = sorted(path.relative_to(left) for path in left.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(right) for path in right.rglob("*") if path.is_file())
    return all(filecmp.cmp(left / path, right / path, shallow=False) for path in files)


def run(*arguments, check=True, **options):
    done = subprocess.run(arguments, capture_output=True, timeout=300, **options)
    if check:
        assert done.returncode == 0, f"{arguments}: {done.stdout.decode()}{done.stderr.decode()}"
    return done


def test_s3cmd(server, client, tmp_path, tree):
    configuration = tmp_path / "s3cfg"
    configuration.write_text(
        f"[default]\naccess_key = test\nsecret_key = test\nhost_base = {server.host}\nhost_bucket = {server.host}\n"
        "use_https = False\nbucket_location = us-east-1\nmultipart_chunk_size_mb = 5\n")

    def s3cmd(*arguments):
        return run(tool("s3cmd"), "-c", str(configuration), *arguments).stdout.decode()

    bucket = f"s3cmd-{os.getpid()}"
    s3cmd("mb", f"s3://{bucket}")
    s3cmd("sync", f"{tree}/", f"s3://{bucket}/tree/")
    assert "large.bin" in s3cmd("ls", "-r", f"s3://{bucket}")
    s3cmd("sync", f"s3://{bucket}/tree/", f"{tmp_path}/back/")
    assert same(tree, tmp_path / "back")
    assert "18874368" in s3cmd("info", f"s3://{bucket}/tree/large.bin")
    assert bucket in s3cmd("info", f"s3://{bucket}")
    s3cmd("cp", f"s3://{bucket}/tree/large.bin", f"s3://{bucket}/copy")
    s3cmd("mv", f"s3://{bucket}/copy", f"s3://{bucket}/moved")
    s3cmd("del", "-r", "-f", f"s3://{bucket}")
    s3cmd("rb", f"s3://{bucket}")


def test_rclone(server, client, tmp_path, tree):
    environment = {
        **os.environ, "RCLONE_CONFIG": str(tmp_path / "rclone.conf"), "RCLONE_CONFIG_LAB_TYPE": "s3",
        "RCLONE_CONFIG_LAB_PROVIDER": "Other", "RCLONE_CONFIG_LAB_ENDPOINT": server.endpoint,
        "RCLONE_CONFIG_LAB_ACCESS_KEY_ID": "test", "RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY": "test",
        "RCLONE_CONFIG_LAB_REGION": "us-east-1", "RCLONE_CONFIG_LAB_CHUNK_SIZE": "5Mi",
        "RCLONE_CONFIG_LAB_UPLOAD_CUTOFF": "5Mi",
    }

    def rclone(*arguments):
        return run(tool("rclone"), "--retries", "1", *arguments, env=environment).stdout.decode()

    bucket = f"rclone-{os.getpid()}"
    rclone("mkdir", f"lab:{bucket}")
    rclone("sync", str(tree), f"lab:{bucket}/tree")
    rclone("check", str(tree), f"lab:{bucket}/tree", "--download")
    rclone("copy", f"lab:{bucket}/tree", str(tmp_path / "back"))
    assert same(tree, tmp_path / "back")
    assert "large.bin" in rclone("lsf", "-R", f"lab:{bucket}")
    rclone("moveto", f"lab:{bucket}/tree/large.bin", f"lab:{bucket}/moved.bin")
    assert "moved.bin" in rclone("cat", f"lab:{bucket}/moved.bin", "--count", "0") or rclone("lsf", f"lab:{bucket}/moved.bin")
    rclone("purge", f"lab:{bucket}")


@pytest.mark.parametrize("secure", [False, True])
def test_minio_py(server, tls_server, secure):
    import certifi
    import minio
    import urllib3

    to = tls_server if secure else server
    pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=to.ca_bundle or certifi.where())
    client = minio.Minio(
        endpoint=to.host, access_key="test", secret_key="test", secure=secure, region="us-east-1", http_client=pool)
    bucket = f"minio-{os.getpid()}-{secure}".lower()
    client.make_bucket(bucket_name=bucket)
    assert client.bucket_exists(bucket_name=bucket)
    body = os.urandom(12 << 20)
    client.put_object(
        bucket_name=bucket, object_name="a b/ü+", data=io.BytesIO(body), length=len(body), part_size=5 << 20)
    with client.get_object(bucket_name=bucket, object_name="a b/ü+") as got:
        assert got.read() == body
    assert client.stat_object(bucket_name=bucket, object_name="a b/ü+").size == len(body)
    client.put_object(bucket_name=bucket, object_name="small", data=io.BytesIO(b"x"), length=1, metadata={"a": "b"})
    names = [item.object_name for item in client.list_objects(bucket_name=bucket, recursive=True)]
    assert names == ["a b/ü+", "small"]
    url = client.presigned_get_object(bucket_name=bucket, object_name="small", expires=datetime.timedelta(minutes=5))
    assert pool.request("GET", url).data == b"x"
    for name in names:
        client.remove_object(bucket_name=bucket, object_name=name)
    client.remove_bucket(bucket_name=bucket)


def test_obstore(server, client):
    import obstore.store

    bucket = new_bucket(client)
    store = obstore.store.S3Store(
        bucket, endpoint=server.endpoint, access_key_id="test", secret_access_key="test", region="us-east-1",
        client_options={"allow_http": True})
    body = os.urandom(23 << 20)
    store.put("dir/large", body, chunk_size=5 << 20)
    assert bytes(store.get("dir/large").bytes()) == body
    assert bytes(store.get_range("dir/large", start=1000, end=2000)) == body[1000:2000]
    store.put("small", b"1", mode="create")
    with pytest.raises(obstore.exceptions.AlreadyExistsError):
        store.put("small", b"2", mode="create")
    etag = store.head("small")["e_tag"]
    store.put("small", b"2", mode={"e_tag": etag})
    assert sorted(item["path"] for page in store.list() for item in page) == ["dir/large", "small"]
    store.copy("small", "copied")
    store.rename("copied", "renamed")
    assert bytes(store.get("renamed").bytes()) == b"2"
    store.delete(["dir/large", "small", "renamed"])
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
