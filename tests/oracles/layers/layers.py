"""Answers that PyTorch computes, for tests/UnitTests/TorchExport. Written with PyTorch 1.13:

    python3 tests/oracles/layers/layers.py

Weights and inputs are normal numbers from seeds, so that the file holds answers alone.
"""
import json
import pathlib
import sys

import torch

FOLDER = pathlib.Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "training"))
from trajectories import normals  # noqa: E402 (after the path)


def tensor(seed, shape, scale=1.0):
    count = int(torch.Size(shape).numel())
    return torch.tensor([scale * value for value in normals(seed, count)], dtype=torch.float64).float().reshape(shape)


def filled(module):
    """The n-th parameter is drawn from seed n, and divided by 2; its name tells the test which one it is."""
    with torch.no_grad():
        for seed, (_, parameter) in enumerate(sorted(module.named_parameters()), start=1):
            parameter.copy_(tensor(seed, parameter.shape, 0.5))
    return module.eval()


def answer(module, forward, shape):
    return {
        "parameters": [name for name, _ in sorted(module.named_parameters())],
        "input": list(shape),
        "output": forward(tensor(100, shape)).detach().flatten().tolist(),
    }


def attention(module):
    return answer(module, lambda values: module(values, values, values)[0], (5, 2, 12))


def layer(activation):
    module = filled(torch.nn.TransformerEncoderLayer(12, 3, 20, activation=activation))
    return answer(module, module, (5, 2, 12))


def encoder():
    module = filled(torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(12, 4, 20, activation="gelu"), 2))
    return answer(module, module, (5, 2, 12))


def recurrent(make, **settings):
    module = filled(make(3, 4, num_layers=2, bidirectional=True, **settings))
    return answer(module, lambda values: module(values)[0], (5, 2, 3))


answers = {
    "MultiheadAttention": attention(filled(torch.nn.MultiheadAttention(12, 3))),
    "TransformerEncoderLayer relu": layer("relu"),
    "TransformerEncoderLayer gelu": layer("gelu"),
    "TransformerEncoder": encoder(),
    "LSTM": recurrent(torch.nn.LSTM),
    "GRU": recurrent(torch.nn.GRU, batch_first=True),
}
(FOLDER / "layers.json").write_text(json.dumps(answers) + "\n")
