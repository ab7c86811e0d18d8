"""Fixtures: servers over plain and TLS connections, and clients as their users configure them."""

import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import boto3
import botocore.config
import pytest

import rawhttp
import server as varve

COUNTER = itertools.count()
SMALL_DISK_BYTES = 320 << 20


def pytest_addoption(parser):
    parser.addoption("--large", action="store_true", help="also run what moves gigabytes")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--large"):
        left_out = [item for item in items if item.get_closest_marker("large")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("large")]


@pytest.fixture(scope="session", autouse=True)
def no_ambient_configuration(tmp_path_factory):
    """Nothing of the machine's own AWS configuration may reach the clients."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    empty = tmp_path_factory.mktemp("aws")
    os.environ["AWS_CONFIG_FILE"] = str(empty / "config")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(empty / "credentials")
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = varve.start(tmp_path_factory.mktemp("plain"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def own(tmp_path):
    """A server that the test may stop, in a directory of its own below the test's."""
    running = varve.start(tmp_path / "own")
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait()


@pytest.fixture(scope="module")
def small_disk():
    """A file system of its own, in memory. It takes root, as Varve's other tests do not."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="varve-full-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES},mode=0700", "varve-test", str(place)],
        capture_output=True, text=True)
    if mounted.returncode != 0:
        place.rmdir()
        pytest.fail(f"this test mounts a small tmpfs, for which it needs root: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory):
    certificates = varve.make_certificates(tmp_path_factory.mktemp("certificates"))
    running = varve.start(
        tmp_path_factory.mktemp("tls"), "--tls-certificate", str(certificates / "server.pem"), "--tls-key",
        str(certificates / "server.key"), ca_bundle=str(certificates / "ca.pem"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def strict_server(tmp_path_factory):
    """Answers requests that were signed for another region as AWS does."""
    running = varve.start(tmp_path_factory.mktemp("strict"), "--region-check", "strict")
    yield running
    assert running.stop() == 0


def make_client(to, region="us-east-1", config=None, **keys):
    """A boto3 client as a user makes it: an endpoint, keys, nothing else."""
    keys = keys or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    # One attempt: a retry would hide a wrong first answer.
    once = botocore.config.Config(retries={"total_max_attempts": 1})
    return boto3.session.Session().client(
        "s3", endpoint_url=to.endpoint, region_name=region, verify=to.ca_bundle,
        config=once.merge(config) if config else once, **keys)


@pytest.fixture(scope="session")
def client(server):
    return make_client(server)


@pytest.fixture(scope="session")
def irish(server):
    """A client whose region is eu-west-1."""
    return make_client(server, "eu-west-1")


@pytest.fixture(scope="session")
def other(server):
    """A client of another account."""
    return make_client(server, **varve.OTHER)


@pytest.fixture(scope="session")
def tls_client(tls_server):
    return make_client(tls_server)


@pytest.fixture(params=["plain us-east-1", "plain eu-west-1", "tls us-east-1"])
def any_client(request, server, tls_server):
    """The same test over both transports and in two regions."""
    kind, region = request.param.split()
    return make_client(tls_server if kind == "tls" else server, region)


def new_bucket(client, prefix="b"):
    name = f"{prefix}-{os.getpid()}-{next(COUNTER)}"
    region = client.meta.region_name
    extra = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, **extra)
    return name


@pytest.fixture
def bucket(client):
    return new_bucket(client)


@pytest.fixture
def any_bucket(any_client):
    return new_bucket(any_client)


@pytest.fixture
def http(server):
    """Signs and sends requests that no SDK would send."""
    return rawhttp.Raw(server)


def tool(name):
    """A program that must be installed: a missing client fails, it is not skipped."""
    path = shutil.which(name)
    assert path, f"{name} is not installed"
    return path


@pytest.fixture
def aws(server):
    """Runs the AWS CLI as a user would: endpoint and keys in the environment."""

    def run(*arguments, check=True, to=server, region="us-east-1", **options):
        environment = {
            **os.environ, "AWS_ENDPOINT_URL": to.endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "",
        }
        if to.ca_bundle:
            environment["AWS_CA_BUNDLE"] = to.ca_bundle
        done = subprocess.run([tool("aws"), *arguments], env=environment, capture_output=True, **options)
        if check:
            assert done.returncode == 0, f"aws {' '.join(arguments)}: {done.stderr.decode()}"
        return done

    return run


@pytest.fixture
def loopback_names(monkeypatch):
    """Names under localhost resolve to this machine, as browsers and most resolvers have it, wherever the tests run."""
    resolve = socket.getaddrinfo

    def resolve_here(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if name and name.endswith("localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
