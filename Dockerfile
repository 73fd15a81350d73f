# The image in which `attend grade --container` grades. It holds the solutions and the hidden tests: do not publish it.
#   docker build --tag attend-course .
# It is for amd64 and arm64. EXTRA=grading-numpy makes one without PyTorch, for the NumPy topics.
FROM python:3.12-slim-bookworm

# What confines students' code, the time zones of [policy], and the user who grades.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap libseccomp2 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir /class /tables /graded \
    && useradd --uid 1000 --no-create-home --home-dir /tmp grader

# The libraries, in a layer that changes with pyproject.toml alone. uv knows the index of PyTorch's CPU builds.
ARG EXTRA=grading
WORKDIR /course
COPY pyproject.toml ./
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9 \
    && uv pip install --system --no-cache --torch-backend cpu --requirements pyproject.toml --extra "$EXTRA"

COPY . .
RUN uv pip install --system --no-cache --no-deps --editable . && chmod -R a+rX /course

USER 1000:1000
# A container's own files are read-only while it grades.
ENV HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib PYTHONDONTWRITEBYTECODE=1
CMD ["attend", "doctor"]
