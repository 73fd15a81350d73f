"""Wrong answers to t04 that students really write, each with what its author is told."""

import torch
from torch import nn

from attend.course.bank import misconception

# t04.1 source_mask


@misconception(
    "source_mask",
    "Your mask is inverted: it marks the padding. In this course True means that a position is real.",
)
def mask_inverted(lengths, max_len=None):
    return torch.arange(int(lengths.max()) if max_len is None else max_len) >= lengths[:, None]


@misconception(
    "source_mask",
    "Your mask is off by one: it lets one position of padding through. Positions are counted from 0.",
)
def one_too_many(lengths, max_len=None):
    return torch.arange(int(lengths.max()) if max_len is None else max_len) <= lengths[:, None]


@misconception(
    "source_mask",
    "Your mask is always as wide as the longest sentence. If `max_len` is given, it sets the width.",
)
def max_len_ignored(lengths, max_len=None):
    return torch.arange(int(lengths.max())) < lengths[:, None]


@misconception(
    "source_mask", "Your mask holds numbers. A mask is boolean: `masked_fill` and `~` need truth values."
)
def zeros_and_ones(lengths, max_len=None):
    return (torch.arange(int(lengths.max()) if max_len is None else max_len) < lengths[:, None]).float()


# t04.2 reverse_padded


@misconception(
    "reverse_padded", "You reverse the whole row, so the padding ends up in front of the sentence."
)
def padding_turned_to_the_front(tokens, lengths):
    return tokens.flip(1)


@misconception("reverse_padded", "You reverse the sentences of the batch, not the words of each sentence.")
def batch_reversed(tokens, lengths):
    return tokens.flip(0)


@misconception(
    "reverse_padded",
    "You fill the positions after a sentence's end with zeros. The tokens there should stay as they are.",
)
def filled_up_with_zero(tokens, lengths):
    turned = torch.zeros_like(tokens)
    for row, words, length in zip(turned, tokens, lengths, strict=True):
        row[:length] = words[:length].flip(0)
    return turned


@misconception(
    "reverse_padded",
    "You reverse every sentence within the length of the longest one. Each sentence has a length of its own.",
)
def within_the_longest(tokens, lengths):
    longest = int(lengths.max())
    return torch.cat([tokens[:, :longest].flip(1), tokens[:, longest:]], dim=1)


@misconception(
    "reverse_padded",
    "You count the words that are not 0. A word may have any number: only `lengths` says how many words there are.",
)
def words_counted_by_their_numbers(tokens, lengths):
    turned = tokens.clone()
    for row, words, length in zip(turned, tokens, (tokens != 0).sum(dim=1), strict=True):
        row[:length] = words[:length].flip(0)
    return turned


# t04.3 Encoder


@misconception(
    "Encoder",
    "You do not pack the batch: the recurrence also reads the padding, and the backward direction begins in it.",
    replaces="Encoder.forward",
)
def nothing_packed(self, tokens, lengths):
    annotations, last = self.rnn(self.embedding(tokens))
    real = torch.arange(tokens.shape[1]) < lengths[:, None]
    return annotations * real[..., None], torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=-1)))


@misconception(
    "Encoder",
    "You take the state from the last column. For a shorter sentence that is padding: its own last word comes earlier.",
    replaces="Encoder.forward",
)
def state_at_the_padded_end(self, tokens, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], True, total_length=tokens.shape[1])[0]
    forward, backward = annotations[:, -1].chunk(2, dim=-1)[0], annotations[:, 0].chunk(2, dim=-1)[1]
    return annotations, torch.tanh(self.bridge(torch.cat([forward, backward], dim=-1)))


@misconception(
    "Encoder",
    "Your backward state is the one at the last word, where the backward direction has read one word. It finishes at the first word.",
    replaces="Encoder.forward",
)
def backward_state_at_its_beginning(self, tokens, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], True, total_length=tokens.shape[1])[0]
    return annotations, torch.tanh(self.bridge(annotations[torch.arange(len(tokens)), lengths - 1]))


@misconception(
    "Encoder",
    "You sort the batch by length to pack it and leave it sorted, so the results are not in the order of the sentences.",
    replaces="Encoder.forward",
)
def order_lost_after_sorting(self, tokens, lengths):
    lengths, order = lengths.sort(descending=True, stable=True)
    packed = nn.utils.rnn.pack_padded_sequence(self.embedding(tokens[order]), lengths, batch_first=True)
    annotations, last = self.rnn(packed)
    annotations = nn.utils.rnn.pad_packed_sequence(annotations, True, total_length=tokens.shape[1])[0]
    return annotations, torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=-1)))


@misconception(
    "Encoder",
    "Your annotations end with the longest sentence of the batch. If the tokens are padded further, columns are missing.",
    replaces="Encoder.forward",
)
def width_lost(self, tokens, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations, last = self.rnn(packed)
    annotations = nn.utils.rnn.pad_packed_sequence(annotations, batch_first=True)[0]
    return annotations, torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=-1)))


@misconception(
    "Encoder",
    "Your state is the plain output of the bridge. The tanh is missing, which keeps it in the range of the decoder's states.",
    replaces="Encoder.forward",
)
def bridge_not_squashed(self, tokens, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations, last = self.rnn(packed)
    annotations = nn.utils.rnn.pad_packed_sequence(annotations, True, total_length=tokens.shape[1])[0]
    return annotations, self.bridge(torch.cat([last[0], last[1]], dim=-1))


@misconception(
    "Encoder",
    "The bridge reads the backward state before the forward one. The forward half always comes first.",
    replaces="Encoder.forward",
)
def halves_swapped_in_the_bridge(self, tokens, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations, last = self.rnn(packed)
    annotations = nn.utils.rnn.pad_packed_sequence(annotations, True, total_length=tokens.shape[1])[0]
    return annotations, torch.tanh(self.bridge(torch.cat([last[1], last[0]], dim=-1)))


@misconception(
    "Encoder",
    "Your embedding does not know `pad`, so the vector of the padding is trained like that of a word.",
    replaces="Encoder.__init__",
)
def padding_trained(self, vocab_size, embed_size, hidden_size, pad=0):
    super(Encoder, self).__init__()
    self.embedding = nn.Embedding(vocab_size, embed_size)
    self.rnn = nn.GRU(embed_size, hidden_size, batch_first=True, bidirectional=True)
    self.bridge = nn.Linear(2 * hidden_size, hidden_size)


@misconception(
    "Encoder",
    "You count the tokens that are not `pad`. That token may occur within a sentence too: only `lengths` says how long "
    "a sentence is.",
    replaces="Encoder.forward",
)
def lengths_from_the_tokens(self, tokens, lengths):
    lengths = (tokens != self.embedding.padding_idx).sum(dim=1).clamp(min=1)
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations, last = self.rnn(packed)
    annotations = nn.utils.rnn.pad_packed_sequence(annotations, True, total_length=tokens.shape[1])[0]
    return annotations, torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=-1)))


@misconception(
    "Encoder",
    "The GRU's last states come as (2, B, H). You reshape them to (B, 2H), which mixes the sentences of the batch: "
    "reshaping swaps no axes.",
    replaces="Encoder.forward",
)
def directions_reshaped(self, tokens, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(
        self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
    )
    annotations, last = self.rnn(packed)
    annotations = nn.utils.rnn.pad_packed_sequence(annotations, True, total_length=tokens.shape[1])[0]
    return annotations, torch.tanh(self.bridge(last.reshape(len(tokens), -1)))
