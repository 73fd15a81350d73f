"""The reference of t06 with the references of t04 and t05: two hundred steps learn ten pairs by heart."""

import torch

from attend.student.load import load_module
from attend.syllabus import load_course


def load(slug):
    course = load_course()
    path = course.solution(course.by_slug[slug])
    return load_module(path.read_text(encoding="utf-8"), f"learns_{slug}", str(path))


def test_ten_pairs_are_learned_by_heart_and_said_again():
    torch.manual_seed(0)
    encoder = load("t04_attention_encoder").Encoder(9, 8, 12)
    decoder = load("t05_attention_decoder").AttentionDecoder(9, 8, 12, 24)
    t06 = load("t06_encoder_decoder")
    model = t06.Seq2Seq(encoder, decoder)
    lengths = torch.tensor([3, 4] * 5)
    source = torch.randint(3, 9, (10, 4)).masked_fill(torch.arange(4) >= lengths[:, None], 0)
    targets = torch.cat([torch.randint(3, 9, (10, 3)), torch.full((10, 1), 2)], dim=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = [t06.train_step(model, optimizer, source, lengths, targets, 1, 0, 1.0) for _ in range(200)]
    assert losses[-1] < 0.05
    tokens, alignments = t06.greedy_decode(model, source, lengths, bos=1, eos=2, max_len=6)
    assert tokens == targets[:, :3].tolist()
    assert [tuple(alignment.shape) for alignment in alignments] == [(3, int(length)) for length in lengths]
