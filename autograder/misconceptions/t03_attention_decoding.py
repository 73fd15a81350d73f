"""Wrong answers that students really write for t03, each with the sentence that the student is told."""

import numpy as np

from attend.course.bank import misconception

# t03.1 softmax


@misconception(
    "softmax",
    "exp overflows for scores above about 700 (float64), and the division then gives NaN. Only the "
    "differences between scores matter, so you are free to move all of them down before exp.",
)
def no_shift(scores, axis=-1):
    exp = np.exp(scores)
    return exp / exp.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You subtract the largest score of the whole array from every row. A row whose own scores are far below it then becomes all zeros and is divided by zero: each row needs a shift of its own.",
)
def one_shift_for_all_rows(scores, axis=-1):
    exp = np.exp(scores - scores.max())
    return exp / exp.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "Your weights add up to one over the whole array. Along `axis`, every row has a unit of its own to divide.",
)
def one_unit_for_all_rows(scores, axis=-1):
    exp = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exp / exp.sum()


@misconception(
    "softmax",
    "Your weights always add up to one along the last axis. `axis` says along which one they should.",
)
def always_the_last_axis(scores, axis=-1):
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


@misconception(
    "softmax",
    "Your weights always add up to one along the first axis. `axis` says along which one they should, and "
    "it is the last one unless the caller asks for another.",
)
def always_the_first_axis(scores, axis=-1):
    exp = np.exp(scores - scores.max(axis=0, keepdims=True))
    return exp / exp.sum(axis=0, keepdims=True)


@misconception(
    "softmax",
    "You divide the scores themselves by their sum. Scores may be negative, weights may not: exp comes "
    "first.",
)
def scores_over_their_sum(scores, axis=-1):
    return scores / scores.sum(axis=axis, keepdims=True)


@misconception(
    "softmax",
    "You return the logarithms of the weights. Weights are between 0 and 1 and add up to one.",
)
def logarithms_of_the_weights(scores, axis=-1):
    shifted = scores - scores.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# t03.2 masked_softmax


@misconception(
    "masked_softmax",
    "You mask after the softmax, so the hidden positions have already got their share and the rest adds up to less than one. Hidden scores must not take part in the softmax.",
)
def masked_after_the_softmax(scores, mask, axis=-1):
    weights = softmax(scores, axis)
    return weights if mask is None else weights * mask


@misconception(
    "masked_softmax",
    "You replace hidden scores by 0, but a score of 0 is an ordinary score: exp(0) = 1, which is more than any negative score gives. Which score becomes 0 under exp?",
)
def masked_with_zero(scores, mask, axis=-1):
    return softmax(scores if mask is None else np.where(mask, scores, 0), axis)


@misconception(
    "masked_softmax",
    "Where nothing is allowed you return NaN: all the scores of that row are −∞, and −∞ − (−∞) is not a "
    "number. Nothing to attend to means weights of zero.",
)
def nan_where_nothing_is_allowed(scores, mask, axis=-1):
    return softmax(scores if mask is None else np.where(mask, scores, -np.inf), axis)


@misconception(
    "masked_softmax",
    "Where nothing is allowed you spread attention over all the hidden positions: equally low scores get "
    "equal weights. A hidden position never gets any weight.",
)
def uniform_where_nothing_is_allowed(scores, mask, axis=-1):
    return softmax(scores if mask is None else np.where(mask, scores, -1e9), axis)


@misconception(
    "masked_softmax",
    "Your mask works the other way round: you hide the allowed positions. In this course True means that "
    "attention is allowed.",
)
def mask_inverted(scores, mask, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    return softmax(np.where(mask, np.finfo(scores.dtype).min, scores), axis) * ~mask


@misconception(
    "masked_softmax",
    "You take the softmax over all positions and then divide by the sum over the allowed ones. Where a hidden score is far above them, this sum is zero, and you divide zero by zero.",
)
def shared_out_again(scores, mask, axis=-1):
    weights = softmax(scores, axis)
    if mask is None:
        return weights
    allowed = weights * mask
    total = allowed.sum(axis=axis, keepdims=True)
    return allowed / np.where(mask.any(axis=axis, keepdims=True), total, 1)


@misconception(
    "masked_softmax",
    "The number that you put in place of hidden scores is not low enough: allowed scores of −10,000 do occur, and hidden positions then get part of the attention.",
)
def masked_with_a_score_that_occurs(scores, mask, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    return softmax(np.where(mask, scores, -1e4), axis) * mask


@misconception(
    "masked_softmax",
    "You mask along any axis but always normalise along the last one: pass `axis` on.",
)
def axis_not_passed_on(scores, mask, axis=-1):
    if mask is None:
        return softmax(scores)
    return softmax(np.where(mask, scores, np.finfo(scores.dtype).min)) * mask


@misconception(
    "masked_softmax",
    "You add one large negative number to the hidden scores. Where nothing is allowed it is added to the whole row, "
    "and only differences count: that row is shared out as if there were no mask.",
)
def number_added_to_hidden_scores(scores, mask, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    return softmax(scores + np.where(mask, scores.dtype.type(0), scores.dtype.type(-1e9)), axis)


@misconception(
    "masked_softmax",
    "Your mask turns float32 into float64: a boolean array times a number is a float64 array, and so is what it is "
    "added to. The weights keep the dtype of the scores.",
)
def mask_in_float64(scores, mask, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    return softmax(scores + (1 - mask) * -1e10, axis) * mask


@misconception(
    "masked_softmax",
    "You multiply the scores by the mask, and the weights again. A hidden score of 0 still takes its share before its "
    "weight is set to zero, so what is left adds up to less than one.",
)
def scores_and_weights_multiplied_by_the_mask(scores, mask, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    return softmax(scores * mask, axis) * mask


@misconception(
    "masked_softmax",
    "You shift a row by its largest score before the mask hides anything. Where a hidden score is far above the "
    "allowed ones, all their exponentials are 0, and a row that should share one unit has none.",
)
def shifted_by_a_hidden_score(scores, mask, axis=-1):
    exp = np.exp(scores - scores.max(axis=axis, keepdims=True))
    if mask is not None:
        exp = exp * mask
    total = exp.sum(axis=axis, keepdims=True)
    return exp / np.where(total == 0, 1, total)


# t03.3 context_vector


@misconception(
    "context_vector",
    "You average the annotations and never use the weights: every source word counts the same, and the decoder's state makes no difference.",
)
def mean_of_the_annotations(weights, annotations):
    return annotations.mean(axis=-2)


@misconception(
    "context_vector",
    "You add the annotations up without their weights: every source word counts in full.",
)
def sum_of_the_annotations(weights, annotations):
    return annotations.sum(axis=-2)


@misconception(
    "context_vector",
    "You divide the weighted sum by the number of positions. The weights have already divided the attention among them.",
)
def divided_by_the_length(weights, annotations):
    return (weights[..., None] * annotations).mean(axis=-2)


@misconception(
    "context_vector",
    "You sum over the features of each annotation and get one number per position. The context is a vector of features: the sum goes over the positions.",
)
def sum_over_the_features(weights, annotations):
    return (weights[..., None] * annotations).sum(axis=-1)


@misconception(
    "context_vector",
    "You sum over the first axis. That is the axis of the positions for a single sentence only; in a batch it adds up different sentences. Count axes from the end.",
)
def sum_over_the_first_axis(weights, annotations):
    return (weights[..., None] * annotations).sum(axis=0)


@misconception(
    "context_vector",
    "You pick the annotation with the largest weight (hard attention). Soft attention blends all of them, "
    "each by its weight.",
)
def only_the_largest_weight(weights, annotations):
    best = weights.argmax(axis=-1)[..., None, None]
    return np.take_along_axis(annotations, best, axis=-2)[..., 0, :]


@misconception(
    "context_vector",
    "You divide the weights by their sum first. They are to be used as they come: where nothing may be attended to they are all zero, and you divide by zero.",
)
def weights_normalised_again(weights, annotations):
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return (weights[..., None] * annotations).sum(axis=-2)


# t03.4 attend


@misconception(
    "attend",
    "You scale the scores by the square root of their size, as the transformer does (t08). Here the score "
    "is the plain dot product.",
)
def scaled_scores(state, annotations, mask=None):
    scores = (annotations * state[..., None, :]).sum(axis=-1) / np.sqrt(state.shape[-1])
    weights = masked_softmax(scores, mask)
    return context_vector(weights, annotations), weights


@misconception(
    "attend",
    "You compare directions only (cosine similarity), so the lengths of state and annotation do not count. Here the score is the plain dot product.",
)
def cosine_scores(state, annotations, mask=None):
    lengths = np.linalg.norm(annotations, axis=-1) * np.linalg.norm(state, axis=-1)[..., None]
    scores = (annotations * state[..., None, :]).sum(axis=-1) / lengths
    weights = masked_softmax(scores, mask)
    return context_vector(weights, annotations), weights


@misconception(
    "attend",
    "You never use the mask, so padding receives attention.",
)
def mask_not_used(state, annotations, mask=None):
    scores = (annotations * state[..., None, :]).sum(axis=-1)
    weights = masked_softmax(scores, None)
    return context_vector(weights, annotations), weights


@misconception(
    "attend",
    "You set the hidden annotations to zero instead of hiding their scores. Their scores are then 0, which "
    "is an ordinary score, and they still receive weight.",
)
def annotations_masked(state, annotations, mask=None):
    if mask is not None:
        annotations = annotations * mask[..., None]
    scores = (annotations * state[..., None, :]).sum(axis=-1)
    weights = softmax(scores)
    return context_vector(weights, annotations), weights


@misconception(
    "attend",
    "Your weights add up to one over the batch: sentences compete with each other. Each state divides its attention among the positions of its own source.",
)
def softmax_over_the_batch(state, annotations, mask=None):
    scores = (annotations * state[..., None, :]).sum(axis=-1)
    weights = masked_softmax(scores, mask, axis=0)
    return context_vector(weights, annotations), weights


@misconception(
    "attend",
    "You return the weights first. The order is context, weights.",
)
def weights_first(state, annotations, mask=None):
    scores = (annotations * state[..., None, :]).sum(axis=-1)
    weights = masked_softmax(scores, mask)
    return weights, context_vector(weights, annotations)


@misconception(
    "attend",
    "You return the scores in place of the weights. Scores come before the softmax, weights after it.",
)
def scores_for_weights(state, annotations, mask=None):
    scores = (annotations * state[..., None, :]).sum(axis=-1)
    return context_vector(masked_softmax(scores, mask), annotations), scores


# t03.5 decode_step


@misconception(
    "decode_step",
    "You attend with the state from before the word was read. Compute the new state first: it has read the word that was just written.",
)
def attends_with_the_old_state(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    context, weights = attend(state, annotations, mask)
    state = np.tanh(embedding @ W_ih.T + state @ W_hh.T + b)
    return np.concatenate([context, state], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "You put the state before the context. The first columns of W_out belong to the context and the last ones to the state: in the other order, each is multiplied by the wrong columns.",
)
def state_before_context(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    state = np.tanh(embedding @ W_ih.T + state @ W_hh.T + b)
    context, weights = attend(state, annotations, mask)
    return np.concatenate([state, context], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "Your new state lacks its tanh, so it may leave the range from −1 to 1 and grow from step to step.",
)
def tanh_forgotten(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    state = embedding @ W_ih.T + state @ W_hh.T + b
    context, weights = attend(state, annotations, mask)
    return np.concatenate([context, state], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "You return the state that came in. The next step needs the state that this step computed.",
)
def old_state_returned(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    new_state = np.tanh(embedding @ W_ih.T + state @ W_hh.T + b)
    context, weights = attend(new_state, annotations, mask)
    return np.concatenate([context, new_state], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "You multiply the state by W_hh from the wrong side. W_hh is square, so no error is raised: a row of W_hh belongs to an entry of the new state, a column to an entry of the old one.",
)
def recurrence_transposed(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    state = np.tanh(embedding @ W_ih.T + state @ W_hh + b)
    context, weights = attend(state, annotations, mask)
    return np.concatenate([context, state], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "You leave out the bias b of the recurrent layer.",
)
def bias_forgotten(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    state = np.tanh(embedding @ W_ih.T + state @ W_hh.T)
    context, weights = attend(state, annotations, mask)
    return np.concatenate([context, state], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "You do not pass the mask on to `attend`, so padding receives attention.",
)
def mask_not_handed_on(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    state = np.tanh(embedding @ W_ih.T + state @ W_hh.T + b)
    context, weights = attend(state, annotations)
    return np.concatenate([context, state], axis=-1) @ W_out.T, state, weights


@misconception(
    "decode_step",
    "You return probabilities. Logits are the scores of the words before any softmax.",
)
def probabilities_for_logits(embedding, state, annotations, mask, W_ih, W_hh, b, W_out):
    state = np.tanh(embedding @ W_ih.T + state @ W_hh.T + b)
    context, weights = attend(state, annotations, mask)
    return softmax(np.concatenate([context, state], axis=-1) @ W_out.T), state, weights


# t03.6 decode


@misconception(
    "decode",
    "Your alignment has one row too many: it keeps the weights of the step that chose eos, but eos is not among the tokens. There is one row for each token.",
)
def row_for_eos_kept(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len):
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        alignment.append(weights)
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(-1, len(annotations))


@misconception(
    "decode",
    "You keep eos among the tokens. It ends the sentence and is no part of it.",
)
def eos_kept(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    while len(tokens) < max_len and token != eos:
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        token = int(logits.argmax())
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations))


@misconception(
    "decode",
    "You feed bos at every step, so the word just written never enters the next step. Feed the chosen token back.",
)
def bos_at_every_step(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    tokens, alignment = [], []
    for _ in range(max_len):
        logits, state, weights = decode_step(embeddings[bos], state, annotations, mask, W_ih, W_hh, b, W_out)
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations))


@misconception(
    "decode",
    "Every step starts from the first state again. Carry the state that a step returns into the next step.",
)
def state_not_carried(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len):
        logits, _, weights = decode_step(embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out)
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations))


@misconception(
    "decode",
    "You leave eos out but go on writing after it. The sentence ends at the first eos.",
)
def goes_on_after_eos(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len):
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        token = int(logits.argmax())
        if token != eos:
            tokens.append(token)
            alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations))


@misconception(
    "decode",
    "You stop one token early: `max_len` counts the tokens that are written, and bos is not one of them.",
)
def bos_counted(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len - 1):
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations))


@misconception(
    "decode",
    "Your alignment has the wrong shape for an empty sentence: an array made from an empty list has no columns, and here it needs S.",
)
def flat_when_empty(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len):
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype)


@misconception(
    "decode",
    "Your alignment is transposed: it has a row for each source word. It needs a row for each token and a column for each source word.",
)
def alignment_transposed(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len):
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, mask, W_ih, W_hh, b, W_out
        )
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations)).T


@misconception(
    "decode",
    "You do not pass the mask on to `decode_step`, so padding receives attention while you write.",
)
def mask_left_behind(state, annotations, mask, embeddings, W_ih, W_hh, b, W_out, bos, eos, max_len):
    token, tokens, alignment = bos, [], []
    for _ in range(max_len):
        logits, state, weights = decode_step(
            embeddings[token], state, annotations, None, W_ih, W_hh, b, W_out
        )
        token = int(logits.argmax())
        if token == eos:
            break
        tokens.append(token)
        alignment.append(weights)
    return tokens, np.array(alignment, dtype=annotations.dtype).reshape(len(tokens), len(annotations))
