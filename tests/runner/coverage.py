"""What `tests/run --preset coverage` adds: how many of the product's lines the suites have run, by folder."""
import json
import shutil

from commands import lines_of

# A few files for each program, into which its processes add: every test case is a process, and there are hundreds.
PATTERN = "%4m.profraw"


def profiles(options):
    return options.build / "profiles"


def forget(options):
    """What earlier runs have counted, perhaps of other sources."""
    if profiles(options).exists():
        shutil.rmtree(profiles(options))


def report(options):
    raw = sorted(profiles(options).glob("*.profraw"))
    if not raw:
        return "coverage: no test has run, so nothing was counted"
    merged = profiles(options) / "all.profdata"
    lines_of("llvm-profdata-19", "merge", "-o", merged, *raw)
    programs = [path for path in sorted((options.build / "bin").iterdir()) if path.is_file()]
    objects = [word for path in programs for word in ("-object", path)][1:]
    answer = lines_of("llvm-cov-19", "export", "-summary-only", f"-instr-profile={merged}", *objects)
    count = {}
    for file in json.loads("\n".join(answer))["data"][0]["files"]:
        parts = file["filename"].split("/")  # from the checkout's root, see cmake/options.cmake
        if parts[0] in ("libs", "services"):
            lines = file["summary"]["lines"]
            covered, there_are = count.get("/".join(parts[:2]), (0, 0))
            count["/".join(parts[:2])] = covered + lines["covered"], there_are + lines["count"]
    rows = [f"  {folder:28}{covered:6} of {there_are:6}  {100 * covered / max(there_are, 1):5.1f} %"
            for folder, (covered, there_are) in sorted(count.items())]
    return "\n".join(["lines that the tests have run:", *rows])
