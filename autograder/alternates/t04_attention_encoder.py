"""Correct answers to t04 of another shape than the reference: all of them get full marks."""

import torch
from torch import nn

from attend.course.bank import alternate

# t04.1 source_mask


@alternate(
    "source_mask",
    why="It states the rule, s < length, for each entry. Python computes B × S entries one by one.",
)
def mask_row_by_row(lengths, max_len=None):
    width = max(lengths.tolist()) if max_len is None else max_len
    return torch.tensor([[s < length for s in range(width)] for length in lengths.tolist()])


@alternate(
    "source_mask",
    why=(
        "`cumsum` counts the positions from 1, so no index is made by hand. "
        "It needs B × S ones only to count them."
    ),
)
def mask_by_counting_up(lengths, max_len=None):
    width = lengths.max().item() if max_len is None else max_len
    return torch.ones(len(lengths), width).cumsum(dim=1) <= lengths.unsqueeze(1)


# t04.2 reverse_padded


@alternate(
    "reverse_padded",
    why="The line says what happens: the first words of each row are flipped. Python loops over B sentences.",
)
def sentence_by_sentence(tokens, lengths):
    turned = tokens.clone()
    for b, length in enumerate(lengths.tolist()):
        turned[b, :length] = tokens[b, :length].flip(0)
    return turned


@alternate(
    "reverse_padded",
    why=(
        "It flips whole rows and rolls the words back to the front, so no index is computed. "
        "A mask must then restore the padding."
    ),
)
def turned_and_rolled(tokens, lengths):
    S = tokens.shape[1]
    rows = [torch.roll(row.flip(0), int(n) - S) for row, n in zip(tokens, lengths, strict=True)]
    real = torch.arange(S) < lengths[:, None]
    return torch.where(real, torch.stack(rows), tokens)


# t04.3 Encoder


@alternate(
    "Encoder",
    replaces="Encoder.forward",
    why=(
        "Nothing is packed: each sentence is cut, read alone and padded again. "
        "The GRU runs B times, and never on a batch."
    ),
)
def encoded_one_by_one(self, tokens, lengths):
    B, S = tokens.shape
    annotations, states = [], []
    for words, length in zip(tokens, lengths.tolist(), strict=True):
        output, last = self.rnn(self.embedding(words[:length]).unsqueeze(0))
        annotations.append(nn.functional.pad(output[0], (0, 0, 0, S - length)))
        states.append(torch.tanh(self.bridge(last.flatten())))
    return torch.stack(annotations), torch.stack(states)


@alternate(
    "Encoder",
    replaces="Encoder.forward",
    why=(
        "It shows the sorting that `enforce_sorted=False` does for you. "
        "The old order must be restored for both results."
    ),
)
def sorted_and_unsorted(self, tokens, lengths):
    order = lengths.argsort(descending=True)
    back = order.argsort()
    embedded = self.embedding(tokens)[order]
    packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths[order], batch_first=True)
    output, last = self.rnn(packed)
    output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=tokens.size(1))
    return output[back], self.bridge(last.transpose(0, 1).flatten(1)).tanh()[back]
