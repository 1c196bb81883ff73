"""Where shards are computed: processes of this machine, or a Ray, Dask or Spark cluster.

Every engine is a `concurrent.futures.Executor`: who submits work need not know which. A call
travels as bytes and is unpacked on one thread, so that the same call gives the same numbers
anywhere; workers of a cluster need the same version of this package installed. Clusters repeat
calls of lost workers themselves; the local pool breaks (`BrokenExecutor`) and is opened anew.

Nothing heavy is imported here: thread limits must stand before the libraries that read them, and
a process whose parent is killed while it is still loading them must end as well.
"""

import importlib.util
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from enum import StrEnum
from multiprocessing import connection, get_context, parent_process
from typing import Any, TypeVar

import msgspec

from beltline.science.threads import use_one_thread

T = TypeVar("T")


class Kind(StrEnum):
    """What computes."""

    LOCAL = "local"
    RAY = "ray"
    DASK = "dask"
    SPARK = "spark"


_PACKAGES = {Kind.RAY: "ray", Kind.DASK: "distributed", Kind.SPARK: "pyspark"}


class Engine(msgspec.Struct, frozen=True):
    """An engine and the address of its cluster; empty starts one on this machine."""

    kind: Kind = Kind.LOCAL
    address: str = ""

    @property
    def is_local(self) -> bool:
        """Processes of this machine."""
        return self.kind is Kind.LOCAL


LOCAL = Engine()


def parse_engine(text: str) -> Engine:
    """An engine as people write it: `local`, `ray`, `dask@tcp://scheduler:8786`.

    Raises ValueError for a name nobody knows, or one whose package is not installed.
    """
    name, _, address = text.partition("@")
    if name not in list(Kind):
        raise ValueError(f"“{name}” is no engine; {', '.join(Kind)} are")
    kind = Kind(name)
    if address and kind is Kind.LOCAL:
        raise ValueError("processes of this machine have no address")
    package = _PACKAGES.get(kind)
    if package is not None and importlib.util.find_spec(package) is None:
        raise ValueError(f"{kind} is not installed: pip install 'beltline[{kind}]'")
    return Engine(kind, address)


class Workers(Executor):
    """An executor that says how many calls it works on at once."""

    workers: int


def open_engine(engine: Engine, *, workers: int) -> Workers:
    """An executor with `workers` of one thread each, or with those its cluster has.

    Leaving its context ends what it started, never a cluster it was given the address of. A
    cluster takes seconds to answer: open it in a thread from async code. All who use one at a
    time in this process share it, as Ray and Spark know one connection a process.
    """
    return _Local(workers) if engine.is_local else _Lease(engine, workers)


def begin_process() -> None:
    """Settle a process of the local pool: one thread, and no life without who asked for it."""
    use_one_thread()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End at once when the parent is gone: nobody is left to take a result."""
    connection.wait([sentinel])
    os._exit(1)


def _call(packed: bytes) -> Any:
    """What a worker runs: threads are settled before the function's libraries are loaded."""
    use_one_thread()
    function, args, options = pickle.loads(packed)  # noqa: S301  packed by `submit` below
    return function(*args, **options)


def _call_rows(batches: Iterator[Any]) -> Iterator[Any]:
    """The same for Spark: Arrow batches of calls in, of results out."""
    import pyarrow as pa  # noqa: PLC0415

    for batch in batches:
        results = [pickle.dumps(_call(packed)) for packed in batch.column(0).to_pylist()]
        yield pa.RecordBatch.from_arrays([pa.array(results, pa.binary())], names=["result"])


class _Local(ProcessPoolExecutor, Workers):
    def __init__(self, workers: int) -> None:
        super().__init__(workers, get_context("spawn"), initializer=begin_process)
        self.workers = workers


_USED: dict[Engine, tuple[int, Workers]] = {}
"""How many use a cluster now, and the connection to it."""
_USING = threading.Lock()


class _Lease(Workers):
    def __init__(self, engine: Engine, workers: int) -> None:
        self._engine = engine
        with _USING:
            users, cluster = _USED.get(engine) or (0, _open_cluster(engine, workers))
            _USED[engine] = users + 1, cluster
        self._cluster, self._is_open = cluster, True
        self.workers = cluster.workers

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        return self._cluster.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT002
        with _USING:
            if not self._is_open:
                return
            self._is_open = False
            users, cluster = _USED.pop(self._engine)
            if users > 1:
                _USED[self._engine] = users - 1, cluster
            else:
                cluster.shutdown(wait=wait, cancel_futures=cancel_futures)


def _open_cluster(engine: Engine, workers: int) -> Workers:
    match engine.kind:
        case Kind.RAY:
            return _Ray(engine.address, workers)
        case Kind.DASK:
            return _Dask(engine.address, workers)
        case Kind.SPARK:
            return _Spark(engine.address, workers)
    raise ValueError(f"{engine.kind} is no cluster")


class _Ray(Workers):
    def __init__(self, address: str, workers: int) -> None:
        import ray  # noqa: PLC0415

        self._ray = ray
        where = {"address": address} if address else {"num_cpus": workers}
        ray.init(**where, include_dashboard=False, log_to_driver=False, logging_level="warning")
        self.workers = int(ray.cluster_resources()["CPU"])
        self._remote = ray.remote(num_cpus=1)(_call)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = self._remote.remote(pickle.dumps((fn, args, kwargs))).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT002
        self._ray.shutdown()


class _Dask(Workers):
    def __init__(self, address: str, workers: int) -> None:
        from distributed import Client  # noqa: PLC0415

        where = {"address": address} if address else {
            "n_workers": workers, "threads_per_worker": 1, "dashboard_address": None,
        }  # fmt: skip
        self._client = Client(**where)
        self.workers = sum(self._client.nthreads().values())
        self._calls = self._client.get_executor(pure=False)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = self._calls.submit(_call, pickle.dumps((fn, args, kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT002
        self._calls.shutdown(wait=wait and not cancel_futures)
        self._client.close()


class _Spark(ThreadPoolExecutor, Workers):
    """A thread waits for each call: a Spark job of one row."""

    def __init__(self, address: str, workers: int) -> None:
        from pyspark.sql import SparkSession  # noqa: PLC0415

        if not address:
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # child
        start = SparkSession.builder.appName("beltline").master(address or f"local[{workers}]")
        self._session = start.config("spark.ui.enabled", "false").getOrCreate()
        self.workers = self._session.sparkContext.defaultParallelism
        super().__init__(self.workers)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        return super().submit(self._run, pickle.dumps((fn, args, kwargs)))

    def _run(self, packed: bytes) -> Any:
        calls = self._session.createDataFrame([(bytearray(packed),)], "call binary")
        [row] = calls.mapInArrow(_call_rows, "result binary").collect()
        return pickle.loads(row.result)  # noqa: S301  packed by `_call_rows`

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT002
        super().shutdown(wait=wait, cancel_futures=cancel_futures)
        self._session.stop()
