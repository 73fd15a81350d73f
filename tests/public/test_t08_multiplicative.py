"""Public tests of t08: small worked examples and properties to build against.

Run them with `attend check t08`, or with `pytest tests/public/test_t08_multiplicative.py`.
The graders ask for more of the same: other sizes, batches, extreme scores, masks of every shape, float32.
"""

import numpy as np
import pytest

from attend.testing import check

QUERY = np.array([2.0, 0.0, 1.0, 3.0])
KEYS = np.array([[1.0, 9.0, 0.0, 0.0], [0.0, 9.0, 4.0, 2.0], [-1.0, 9.0, 2.0, -2.0]])

# t08.1 dot_score


@pytest.mark.exercise("dot_score")
def test_dot_score_of_a_worked_example(student):
    """2 · 1 = 2, then 4 + 6 = 10, then −2 + 2 − 6 = −6; the nines meet a zero."""
    check.close(student.dot_score(QUERY, KEYS), np.array([2.0, 10.0, -6.0]), what="scores")


@pytest.mark.exercise("dot_score")
def test_dot_score_counts_lengths(student):
    """Of two keys that point the same way, the one three times as long scores three times as much."""
    scores = student.dot_score(np.array([3.0, 4.0]), np.array([[1.0, 0.5], [3.0, 1.5]]))
    check.close(scores, np.array([5.0, 15.0]), what="scores")


@pytest.mark.exercise("dot_score")
def test_dot_score_of_a_batch(student):
    """Each query of a batch meets the keys of its own sentence: here it reads their first or second number."""
    keys = np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]])
    scores = student.dot_score(np.array([[1.0, 0.0], [0.0, 1.0]]), keys)
    check.close(scores, np.array([[1.0, 3.0, 5.0], [20.0, 40.0, 60.0]]), what="scores")


# t08.2 general_score


@pytest.mark.exercise("general_score")
def test_general_score_of_a_worked_example(student):
    """W turns the query (1, 2) into (3, 2, 0): with the keys, 3 + 2 = 5 and 6 − 2 = 4."""
    W = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, -1.0]])
    scores = student.general_score(np.array([1.0, 2.0]), np.array([[1.0, 1.0, 7.0], [2.0, -1.0, 7.0]]), W)
    check.close(scores, np.array([5.0, 4.0]), what="scores")


@pytest.mark.exercise("general_score")
def test_general_score_has_a_row_of_w_for_each_number_of_the_query(student):
    """A single 1 in row 0, column 1 makes the query's number 0 meet every key's number 1."""
    W = np.array([[0.0, 1.0], [0.0, 0.0]])
    scores = student.general_score(np.array([3.0, 100.0]), np.array([[50.0, 2.0], [70.0, -4.0]]), W)
    check.close(scores, np.array([6.0, -12.0]), what="scores")


@pytest.mark.exercise("general_score")
def test_general_score_with_the_identity_is_your_dot_score(student, rng):
    """W = I changes nothing."""
    query, keys = rng.normal(size=(2, 4)), rng.normal(size=(2, 3, 4))
    scores = student.general_score(query, keys, np.eye(4))
    check.close(scores, student.dot_score(query, keys), what="scores")


# t08.3 low_rank_score


@pytest.mark.exercise("low_rank_score")
def test_low_rank_score_of_a_worked_example(student):
    """The query (1, 2) becomes (5, 1), the keys become (2, 0) and (1, −3): 10, and 5 − 3 = 2."""
    U = np.array([[1.0, 1.0], [2.0, 0.0]])
    V = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, -3.0]])
    scores = student.low_rank_score(np.array([1.0, 2.0]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), U, V)
    check.close(scores, np.array([10.0, 2.0]), what="scores")


@pytest.mark.exercise("low_rank_score")
def test_low_rank_score_is_your_general_score_with_the_product(student, rng):
    """With W = U Vᵀ, both give the same."""
    query, keys = rng.normal(size=(3, 4)), rng.normal(size=(3, 5, 6))
    U, V = rng.normal(size=(4, 2)), rng.normal(size=(6, 2))
    expected = student.general_score(query, keys, U @ V.T)
    check.close(student.low_rank_score(query, keys, U, V), expected, what="scores")


@pytest.mark.exercise("low_rank_score")
def test_low_rank_score_never_forms_the_matrix(student):
    """The vectors in R dimensions are (2) and (3), so the score is 6; an entry of U Vᵀ would be too large."""
    query, keys, U_and_V = np.array([2e-200]), np.array([[3e-200]]), np.array([[1e200]])
    scores = student.low_rank_score(query, keys, U_and_V, U_and_V)
    check.close(scores, np.array([6.0]), what="scores")


# t08.4 scaled_dot_score


@pytest.mark.exercise("scaled_dot_score")
def test_scaled_dot_score_of_a_worked_example(student):
    """The vectors have 4 numbers, so the dot scores 2, 10 and −6 are divided by 2."""
    check.close(student.scaled_dot_score(QUERY, KEYS), np.array([1.0, 5.0, -3.0]), what="scores")


@pytest.mark.exercise("scaled_dot_score")
def test_scaled_dot_score_does_not_depend_on_the_other_keys(student):
    """A key keeps its score when another one is taken away."""
    check.close(student.scaled_dot_score(QUERY, KEYS[:2]), np.array([1.0, 5.0]), what="scores of two keys")


@pytest.mark.exercise("scaled_dot_score")
def test_scaled_dot_score_of_a_batch(student):
    """Nine numbers in each vector: whatever the number of sentences, the scores are divided by 3."""
    query, keys = np.ones((2, 9)), np.stack([np.ones((4, 9)), np.full((4, 9), -2.0)])
    scores = student.scaled_dot_score(query, keys)
    check.close(scores, np.array([[3.0] * 4, [-6.0] * 4]), what="scores")


@pytest.mark.exercise("scaled_dot_score")
def test_scaled_dot_score_keeps_float32(student):
    """Vectors in float32 give scores in float32."""
    scores = student.scaled_dot_score(QUERY.astype(np.float32), KEYS.astype(np.float32))
    check.close(scores, np.array([1.0, 5.0, -3.0], dtype=np.float32), what="scores")


# t08.5 score_matrix


@pytest.mark.exercise("score_matrix")
def test_score_matrix_of_a_worked_example(student):
    """A row for each of two queries, a column for each of three keys."""
    queries = np.array([QUERY, [0.0, 1.0, 0.0, 0.0]])
    expected = np.array([[2.0, 10.0, -6.0], [9.0, 9.0, 9.0]])
    check.close(student.score_matrix(queries, KEYS), expected, what="scores")


@pytest.mark.exercise("score_matrix")
def test_score_matrix_with_a_matrix_between(student):
    """W makes the queries' number 0 meet the keys' number 2, and their number 1 the keys' number 0."""
    W = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    queries = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    keys = np.array([[2.0, 8.0, 3.0], [4.0, 8.0, 5.0]])
    expected = np.array([[3.0, 5.0], [2.0, 4.0], [5.0, 9.0]])
    check.close(student.score_matrix(queries, keys, W), expected, what="scores")


@pytest.mark.exercise("score_matrix")
def test_score_matrix_has_your_general_scores_in_its_rows(student, rng):
    """Row t of each sentence is what your general_score gives for query t."""
    queries, keys, W = rng.normal(size=(2, 3, 5)), rng.normal(size=(2, 4, 6)), rng.normal(size=(5, 6))
    scores = student.score_matrix(queries, keys, W)
    check.shape(scores, (2, 3, 4), what="scores")
    for t in range(3):
        check.close(scores[:, t], student.general_score(queries[:, t], keys, W), what=f"scores of query {t}")


# t08.6 multiplicative_attention

LOG = np.log([[1.0], [2.0], [5.0]])  # (S, 1): keys of one number


@pytest.mark.exercise("multiplicative_attention")
def test_attention_of_a_worked_example(student):
    """Keys of one number need no scaling: the scores are ln 1, ln 2, ln 5, and for the second query all 0."""
    values = np.array([[8.0, 0.0], [0.0, 4.0], [16.0, 8.0]])
    context, weights = student.multiplicative_attention(np.array([[1.0], [0.0]]), LOG, values)
    check.close(weights, np.array([[0.125, 0.25, 0.625], [1 / 3, 1 / 3, 1 / 3]]), what="weights")
    check.close(context, np.array([[11.0, 6.0], [8.0, 4.0]]), what="context")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_is_scaled_without_w_and_not_with_it(student):
    """Four numbers in a key: the dot score 2 ln 3 is halved to ln 3, but with W = I it stays, and exp makes it 9."""
    queries, keys = np.array([[1.0, 0.0, 0.0, 0.0]]), np.array([[0.0] * 4, [2 * np.log(3.0), 0.0, 0.0, 0.0]])
    values = np.array([[0.0], [1.0]])
    _, weights = student.multiplicative_attention(queries, keys, values)
    check.close(weights, np.array([[0.25, 0.75]]), what="weights without W")
    _, weights = student.multiplicative_attention(queries, keys, values, W=np.eye(4))
    check.close(weights, np.array([[0.1, 0.9]]), what="weights with W = I")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_with_one_mask_row_for_all_queries(student):
    """A mask (S,) hides the same key from every query: ln 1 and ln 5 share, in sixths."""
    mask = np.array([True, False, True])
    _, weights = student.multiplicative_attention(np.ones((2, 1)), LOG, LOG, mask=mask)
    check.close(weights, np.array([[1.0, 0.0, 5.0]] * 2) / 6, what="weights")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_with_a_mask_row_for_each_query(student):
    """A mask (T, S) hides other keys from each query; the last query, with nothing allowed, gets nothing."""
    mask = np.array([[True, False, True], [True, True, False], [False, False, False]])
    context, weights = student.multiplicative_attention(np.ones((3, 1)), LOG, np.ones((3, 2)), mask=mask)
    check.close(weights, np.array([[1 / 6, 0, 5 / 6], [1 / 3, 2 / 3, 0], [0, 0, 0]]), what="weights")
    check.close(context, np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]), what="context")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_with_a_padding_mask_for_a_batch(student, rng):
    """In a batch a mask (B, S) has a row for each sentence, here also with as many queries as sentences."""
    queries, keys, values = rng.normal(size=(2, 2, 3)), rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 5))
    mask = np.array([[True, True, True, True], [True, True, False, False]])
    context, weights = student.multiplicative_attention(queries, keys, values, mask=mask)
    check.shape(weights, (2, 2, 4), what="weights")
    for b, length in enumerate([4, 2]):  # each sentence by itself, without its padding
        alone = student.multiplicative_attention(queries[b], keys[b, :length], values[b, :length])
        answer = context[b], weights[b, :, :length]
        check.close(answer, alone, what=(f"context of sentence {b}", f"weights of sentence {b}"))


@pytest.mark.exercise("multiplicative_attention")
def test_attention_to_large_scores(student):
    """Scores that are all 1000 larger have the same weights, whatever stands far above them and is hidden."""
    keys, mask = np.concatenate([LOG + 1000, [[5000.0]]]), np.array([True, True, True, False])
    context, weights = student.multiplicative_attention(np.ones((1, 1)), keys, np.eye(4), mask=mask)
    check.close(weights, np.array([[0.125, 0.25, 0.625, 0.0]]), what="weights")
    check.close(context, np.array([[0.125, 0.25, 0.625, 0.0]]), what="context")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_to_scores_far_below_zero(student):
    """Scores that are all 20,000 smaller have the same weights; a hidden key whose score is 0 gets none."""
    keys, mask = np.concatenate([LOG - 20_000, [[0.0]]]), np.array([True, True, True, False])
    _, weights = student.multiplicative_attention(np.ones((1, 1)), keys, np.eye(4), mask=mask)
    check.close(weights, np.array([[0.125, 0.25, 0.625, 0.0]]), what="weights")


@pytest.mark.exercise("multiplicative_attention")
def test_attention_keeps_float32(student):
    """What comes in as float32 goes out as float32."""
    queries, keys = np.zeros((1, 3), dtype=np.float32), np.ones((2, 3), dtype=np.float32)
    answer = student.multiplicative_attention(queries, keys, keys)
    expected = np.ones((1, 3), dtype=np.float32), np.full((1, 2), 0.5, dtype=np.float32)
    check.close(answer, expected, what=("context", "weights"))


@pytest.mark.exercise("multiplicative_attention")
def test_attention_keeps_float32_with_a_mask(student):
    """With a mask, too, what comes in as float32 goes out as float32."""
    queries, keys = np.zeros((1, 3), dtype=np.float32), np.ones((2, 3), dtype=np.float32)
    answer = student.multiplicative_attention(queries, keys, keys, mask=np.array([True, False]))
    expected = np.ones((1, 3), dtype=np.float32), np.array([[1.0, 0.0]], dtype=np.float32)
    check.close(answer, expected, what=("context", "weights"))


@pytest.mark.exercise("multiplicative_attention")
def test_attention_never_sees_what_is_hidden(student, rng):
    """Other keys and values at a hidden position change neither context nor weights."""
    queries, keys, values = rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 5))
    mask = np.array([True, True, False, True])
    before = student.multiplicative_attention(queries, keys, values, mask=mask)
    keys[2], values[2] = 1e4, -1e4
    after = student.multiplicative_attention(queries, keys, values, mask=mask)
    check.close(after, before, what=("context", "weights"), rtol=1e-12)
