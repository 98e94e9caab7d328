"""Transformers against their equations, and against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn

from .tools import check_layer, numbers, on, randn, same_layer

CAUSAL = np.triu(np.ones((3, 3), bool), 1)
PADDING = np.array([[False, False, True], [False, False, False]])


def build(kind, device, **options):
    return kind(4, 2, 8, dropout=0.0, **options).double().to(device)


def test_encoder_layer_is_its_equations(device):
    layer, x = build(nn.TransformerEncoderLayer, device), on(device, randn(3, 2, 4))
    a = layer.norm1(x + layer.self_attn(x, x, x)[0])
    y = layer.norm2(a + layer.linear2(layer.linear1(a).relu()))
    np.testing.assert_allclose(numbers(layer(x)), numbers(y), rtol=1e-10, atol=1e-12)


def test_encoder_layer_with_the_norm_first_is_its_equations(device):
    layer = build(nn.TransformerEncoderLayer, device, norm_first=True, activation="gelu")
    x = on(device, randn(3, 2, 4))
    inner = layer.norm1(x)
    a = x + layer.self_attn(inner, inner, inner)[0]
    y = a + layer.linear2(nn.functional.gelu(layer.linear1(layer.norm2(a))))
    np.testing.assert_allclose(numbers(layer(x)), numbers(y), rtol=1e-10, atol=1e-12)


def test_decoder_layer_is_its_equations(device):
    layer = build(nn.TransformerDecoderLayer, device, activation=minitorch.tanh)
    x, m = on(device, randn(3, 2, 4)), on(device, randn(5, 2, 4))
    a = layer.norm1(x + layer.self_attn(x, x, x)[0])
    b = layer.norm2(a + layer.multihead_attn(a, m, m)[0])
    y = layer.norm3(b + layer.linear2(layer.linear1(b).tanh()))
    np.testing.assert_allclose(numbers(layer(x, m)), numbers(y), rtol=1e-10, atol=1e-12)


def test_what_comes_later_does_not_matter_under_the_causal_mask(device):
    layer = build(nn.TransformerEncoderLayer, device, batch_first=True)
    x = randn(1, 6, 4)
    changed = x.copy()
    changed[:, 4:] += 1.0
    mask = nn.Transformer.generate_square_subsequent_mask(6, device=device, dtype=minitorch.float64)
    first, second = (numbers(layer(on(device, v), src_mask=mask, is_causal=True))[:, :4] for v in (x, changed))
    np.testing.assert_allclose(first, second, rtol=1e-12)


def test_padding_does_not_matter_where_it_is_masked(device):
    layer, x = build(nn.TransformerEncoderLayer, device, batch_first=True), randn(1, 5, 4)
    changed = x.copy()
    changed[:, 3:] = 7.0
    padding = on(device, [[False, False, False, True, True]])
    first, second = (numbers(layer(on(device, v), src_key_padding_mask=padding))[:, :3] for v in (x, changed))
    np.testing.assert_allclose(first, second, rtol=1e-12)


def test_encoder_and_decoder_are_chains_of_copies(device):
    layer = build(nn.TransformerEncoderLayer, device)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4).double().to(device))
    x = on(device, randn(3, 2, 4))
    y = encoder.norm(encoder.layers[1](encoder.layers[0](x)))
    np.testing.assert_allclose(numbers(encoder(x)), numbers(y), rtol=1e-12)
    assert encoder.layers[0].linear1.weight is not encoder.layers[1].linear1.weight
    assert len(list(encoder.parameters())) == 2 * 12 + 2
    decoder = nn.TransformerDecoder(build(nn.TransformerDecoderLayer, device), 2)
    z = decoder.layers[1](decoder.layers[0](x, y), y)
    np.testing.assert_allclose(numbers(decoder(x, y)), numbers(z), rtol=1e-12)


def test_transformer_decodes_with_what_it_encoded(device):
    net = nn.Transformer(4, 2, 1, 1, 8, dropout=0.0).double().to(device)
    src, tgt = on(device, randn(5, 2, 4)), on(device, randn(3, 2, 4))
    y = net.decoder(tgt, net.encoder(src))
    np.testing.assert_allclose(numbers(net(src, tgt)), numbers(y), rtol=1e-12)


def test_transformer_takes_an_encoder_and_a_decoder_of_ones_own():
    class Encode(nn.Module):
        def forward(self, src, mask, padding, is_causal=None):
            return src * 2

    class Decode(nn.Module):
        def forward(self, tgt, memory, **masks):
            return tgt + memory.sum()

    net = nn.Transformer(2, 1, custom_encoder=Encode(), custom_decoder=Decode())
    assert net(minitorch.ones(1, 1, 2), minitorch.zeros(1, 1, 2)).tolist() == [[[4.0, 4.0]]]


def test_weights_start_as_glorot_says():
    net = nn.Transformer(32, 2, 1, 1, 64)
    weight = numbers(net.encoder.layers[0].linear1.weight)
    bound = np.sqrt(6 / (32 + 64))
    assert 0.95 * bound < abs(weight).max() <= bound
    assert (numbers(net.encoder.layers[0].self_attn.in_proj_bias) == 0).all()


@pytest.mark.parametrize("options", [{}, {"norm_first": True, "activation": "gelu", "bias": False}], ids=str)
def test_encoder_layer_differentiates_twice(device, options):
    layer = nn.TransformerEncoderLayer(4, 2, 3, dropout=0.0, **{"activation": minitorch.tanh, **options})
    check_layer(layer, randn(2, 1, 4), device=device)


def test_decoder_layer_differentiates_twice(device):
    layer = nn.TransformerDecoderLayer(2, 1, 2, dropout=0.0, activation="gelu")
    check_layer(layer, randn(2, 1, 2), randn(2, 1, 2), device=device)


ONES = minitorch.ones
WRONG = [
    (lambda: nn.TransformerEncoderLayer(4, 2, activation="x"), "activation should be relu/gelu, not x"),
    (lambda: nn.Transformer(4, 2, 1, 1, 8)(ONES(3, 2, 4), ONES(3, 3, 4)), "batch number of src and tgt must be equal"),
    (lambda: nn.Transformer(4, 2, 1, 1, 8)(ONES(3, 2, 5), ONES(3, 2, 5)), "must be equal to d_model 4"),
    (lambda: nn.TransformerEncoderLayer(4, 2)(ONES(3, 2, 4), is_causal=True), "Need attn_mask"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), WRONG)
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(RuntimeError, match=text):
        call()


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

LAYERS = [{}, {"norm_first": True, "activation": "gelu"}, {"batch_first": True, "bias": False}]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
@pytest.mark.parametrize("options", LAYERS, ids=str)
@pytest.mark.parametrize("masked", [False, True])
def test_transformers_equal_pytorchs(oracle, options, masked):
    shape = (2, 3, 4) if options.get("batch_first") else (3, 2, 4)
    options = {**options, "dropout": 0.0}
    masks = [CAUSAL, PADDING] if masked else []
    same_layer(oracle, "TransformerEncoderLayer", (4, 2, 8), options, [randn(*shape), *masks])
    masks = [CAUSAL, CAUSAL, PADDING, PADDING] if masked else []
    same_layer(oracle, "TransformerDecoderLayer", (4, 2, 8), options, [randn(*shape), randn(*shape), *masks])
    masks = [CAUSAL, CAUSAL, CAUSAL, PADDING, PADDING, PADDING] if masked else []
    same_layer(oracle, "Transformer", (4, 2, 2, 1, 8), options, [randn(*shape), randn(*shape), *masks])


def test_causal_mask_equals_pytorchs(oracle):
    ours = nn.Transformer.generate_square_subsequent_mask(4)
    assert ours.tolist() == oracle.nn.Transformer.generate_square_subsequent_mask(4).tolist()
    assert repr(ours) == repr(oracle.nn.Transformer.generate_square_subsequent_mask(4))
