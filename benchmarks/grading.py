"""Measure grading: `attend grade` beside otter alone, on made-up classes, topic by topic and for the term.

    python benchmarks/grading.py [--topic t03 …] [--rounds 5] [--part 40] [--otter 2] [--quick] [--tricks] [--memory]

Otter alone has the same hidden tests in its own format and no plugin. A class is handed in in parts, one for each round;
the lanes stay open, so that they know in a round what they have seen in those before. In each round both sides grade in
turn: a shared machine may be half as fast a minute later. Medians of the rounds are printed. Where other programs use the
machine too, trust the ratios of processor time more than those of time on the clock. The term is each topic once.
"""

import argparse
import os
import resource
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

import otter_alone
from lanes import Lanes
from made_class import ClassMaker, read
from split import PARTS, calls_alone, record, split
from tricks import TRICKS

from attend.course.syllabus import Course, Topic, load_course
from attend.course.threads import use_one_thread
from attend.sandbox.levels import choose_level

COLUMNS = ("one core", "two cores", "ours", "otter", "clock", "processor", "loops", "per loop")


def measure_topic(
    course: Course, topic: Topic, lanes: list[Lanes], options, folder: Path
) -> dict[str, float]:
    """Medians of the rounds: rates in submissions a second, milliseconds a submission, ratios to otter alone."""
    autograder = otter_alone.build(course, topic, folder / "otter")
    maker = ClassMaker(course, topic)
    for each in lanes:
        each.warm(topic.slug)
    rounds: dict[str, list[float]] = defaultdict(list)
    for number in range(options.rounds):
        paths = [path for _, path in maker.make(options.part, folder / topic.slug / f"round-{number}")]
        one, two = (each.grade(paths, folder / f"{each.count}.sqlite") for each in lanes)
        before = processor_of_ended()
        some = paths[: options.otter]
        seconds, _ = otter_alone.grade(some, autograder, folder / f"{topic.slug}-{number}", lanes[-1].count)
        spent = 1e3 * (processor_of_ended() - before) / len(some)
        rounds["one core"].append(len(paths) / one.seconds)
        rounds["two cores"].append(len(paths) / two.seconds)
        rounds["ours"].append(1e3 * two.processor / len(paths))
        rounds["otter"].append(spent)
        rounds["clock"].append(seconds / len(some) * len(paths) / two.seconds)
        rounds["processor"].append(spent / rounds["ours"][-1])
    found = {name: statistics.median(values) for name, values in rounds.items()}
    return found | measure_loops(maker, lanes[-1], found, options, folder / topic.slug)


def measure_loops(maker: ClassMaker, lanes: Lanes, found: dict, options, folder: Path) -> dict[str, float]:
    """Submissions a second where one in fifty has an endless loop, and the seconds that one with a loop takes a lane."""
    paths = [maker.write("endless", folder / "loops") for _ in range(options.loops * lanes.count)]
    if not paths:
        return {}
    cost = lanes.grade(paths, folder / "loops.sqlite")
    loop = statistics.mean(grade.seconds for grade in cost.grades)
    without = lanes.count / found["two cores"]
    return {"loops": lanes.count / (0.98 * without + 0.02 * loop), "per loop": loop}


def processor_of_ended() -> float:
    """Seconds of processor of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_parts(course: Course, topic: Topic, level: str, options, folder: Path) -> dict[str, float]:
    """Milliseconds of processor of a grade by part, in all, and those of the student's calls alone."""
    maker = ClassMaker(course, topic, seed=1)
    before, after = (
        read(course, [path for _, path in maker.make(options.part, folder / topic.slug / name)])
        for name in ("before", "after")
    )
    parts = split(course, topic, level, before, after)
    alone = calls_alone(topic, record(course, topic), after)
    return parts | {"all": sum(parts.values()), "calls alone": alone}


def measure_tricks(course: Course, topics: list[Topic], level: str, options, folder: Path) -> None:
    """Print what each trick gains on the term: processor time and time on the clock without it, in parts of that with it."""
    print("\n| without | processor | on the clock |\n| --- | ---: | ---: |", flush=True)
    for trick in options.only or TRICKS:
        ratios = []
        with (
            Lanes(course, level, os.cpu_count() or 1) as plain,
            Lanes(course, level, plain.count, trick) as bare,
        ):
            sums = defaultdict(lambda: [0.0] * options.rounds)
            for topic in topics:
                maker = ClassMaker(course, topic, seed=2)
                for lanes in (plain, bare):
                    lanes.warm(topic.slug)
                for number in range(options.rounds):
                    paths = [
                        path
                        for _, path in maker.make(options.part, folder / f"{trick}-{topic.slug}-{number}")
                    ]
                    for name, lanes in (("plain", plain), ("bare", bare)):
                        cost = lanes.grade(paths, folder / f"{trick}-{name}.sqlite")
                        sums[name, "processor"][number] += cost.processor
                        sums[name, "clock"][number] += cost.seconds
            for unit in ("processor", "clock"):
                pairs = zip(sums["bare", unit], sums["plain", unit], strict=True)
                ratios.append(statistics.median(without / with_ for without, with_ in pairs))
        print(f"| {trick} | {ratios[0]:.3f} | {ratios[1]:.3f} |", flush=True)


def measure_memory(course: Course, topic: Topic, level: str, folder: Path) -> None:
    """Print the memory of a lane while it grades 2,000 submissions."""
    maker = ClassMaker(course, topic, seed=3)
    with Lanes(course, level, 1) as lane:
        lane.warm(topic.slug)
        for number in range(10):
            paths = [path for _, path in maker.make(200, folder / f"memory-{number}")]
            lane.grade(paths, folder / "memory.sqlite")
            print(f"{topic.number}: {200 * (number + 1)} graded, {lane.mebibytes():.0f} MiB", flush=True)


def row(name: str, cells: list[float]) -> str:
    """A row of a Markdown table, with three digits of each number."""
    words = [f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}" for cell in cells]
    return f"| {name} | {' | '.join(words)} |"


def heads(columns: tuple[str, ...]) -> str:
    """The head of a Markdown table whose first column holds names."""
    return f"| topic | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}"


def print_term(found: dict[str, dict[str, float]], columns: tuple[str, ...]) -> None:
    """Print a row for the term: each topic once."""
    values = found.values()
    term = {
        name: 1 / statistics.mean(1 / each[name] for each in values) for name in ("one core", "two cores")
    }
    term |= {name: statistics.mean(each[name] for each in values) for name in ("ours", "otter")}
    # what otter takes on the clock, from its ratio to ours
    otter_seconds = statistics.mean(each["clock"] / each["two cores"] for each in values)
    term |= {"clock": otter_seconds * term["two cores"], "processor": term["otter"] / term["ours"]}
    if "loops" in columns:
        term["loops"] = 1 / statistics.mean(1 / each["loops"] for each in values)
        term["per loop"] = statistics.mean(each["per loop"] for each in values)
    print(row("term", [term[column] for column in columns]))
    scaling = term["two cores"] / term["one core"]
    print(
        f"\nterm: {term['processor']:.0f} × otter alone by processor time, {term['clock']:.0f} × on the clock; ",
        end="",
    )
    print(f"one to two cores: × {scaling:.2f}", flush=True)


def print_parts(course: Course, topics: list[Topic], level: str, options, folder: Path) -> None:
    """Print milliseconds of processor a grade, by topic and part."""
    columns = (*PARTS, "all", "calls alone")
    print(f"\n{heads((*columns, 'ratio'))}")
    found = []
    for topic in topics:
        parts = measure_parts(course, topic, level, options, folder)
        found.append(parts)
        cells = [*(parts[column] for column in columns), parts["all"] / parts["calls alone"]]
        print(row(topic.number, cells), flush=True)
    means = [statistics.mean(parts[column] for parts in found) for column in columns]
    print(row("term", [*means, means[-2] / means[-1]]), flush=True)


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topic", nargs="+", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", type=int, default=40, help="submissions of a round")
    parser.add_argument("--otter", type=int, default=2, help="how many of them otter grades (it is slow)")
    parser.add_argument(
        "--loops", type=int, default=2, help="submissions with an endless loop, for each lane"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one round of 20 submissions, of t03 unless told"
    )
    parser.add_argument("--tricks", action="store_true", help="what each trick for speed gains")
    parser.add_argument("--only", nargs="+", choices=TRICKS, help="with --tricks: these alone")
    parser.add_argument("--memory", action="store_true", help="a lane's memory over 2,000 submissions")
    parser.add_argument("--parts", action="store_true", help="only how the time of a grade splits")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.part, options.loops = 1, 20, 1
        options.topic = options.topic or ["t03"]
    return options


def main() -> None:
    options = parsed()
    use_one_thread()
    course, level = load_course(), choose_level(None)
    topics, cores = course.select(options.topic), os.cpu_count() or 1
    print(
        f"isolation {level}, {cores} cores, load {os.getloadavg()[0]:.1f}; {options.rounds} rounds of {options.part}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.tricks:
            measure_tricks(course, topics, level, options, folder)
            return
        if options.memory:
            measure_memory(course, topics[0], level, folder)
            return
        if not options.parts:
            with Lanes(course, level, 1) as one, Lanes(course, level, cores) as two:
                rates = {}
                columns = COLUMNS if options.loops else COLUMNS[:-2]
                print(f"\n{heads(columns)}")
                for topic in topics:
                    found = rates[topic.number] = measure_topic(course, topic, [one, two], options, folder)
                    print(row(topic.number, [found[column] for column in columns]), flush=True)
                memory = two.mebibytes()
            print_term(rates, columns)
            print(f"memory of the largest lane, all topics open: {memory:.0f} MiB")
        print_parts(course, topics, level, options, folder)


if __name__ == "__main__":
    main()
