"""Settings come from the environment; a bad value stops the start with one line that names it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from relmail import launch
from relmail.environment import HOST, REGION, BadSetting, Environment, sqlite_url
from relmail.request_lines import WithoutTokens

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "RELMAIL_MODE": "production",
    "SECRET_KEY": "k" * 20 + "0123456789" * 4,
    "PUBLIC_URL": "https://relmail.example",
    "ALLOWED_HOSTS": "relmail.example",
    "DATABASE_URL": "postgresql://relmail@db.example:5432/relmail",
    "CELERY_BROKER_URL": "redis://broker.example:6379/0",
    "JIRA_URL": "https://company.atlassian.example",
    "JIRA_TOKEN": "x",
    "AWS_REGION": "eu-central-1",
    "SNS_TOPIC_ARNS": "arn:aws:sns:eu-central-1:000000000000:relmail",
}


def run(arguments: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with these variables and nothing of ours from outside."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | {"RELMAIL_IGNORE_DOTENV": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "PORT must be a number from 1 to 65535, not 'eighty'."),
        ("PORT", "70000", "PORT must be a number from 1 to 65535, not '70000'."),
        ("PORT", "80.5", "PORT must be a whole number, not '80.5'."),
        ("DEBUG", "maybe", "DEBUG must be true or false, not 'maybe'."),
        ("RELMAIL_MODE", "staging", "RELMAIL_MODE must be one of embedded, production, not 'staging'."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must start with sqlite:/// or postgresql://."),
        ("CELERY_BROKER_URL", "http://x", "CELERY_BROKER_URL must start with one of"),
        ("JIRA_URL", "jira.example", "JIRA_URL must be a URL such as https://example.com."),
        ("JIRA_URL", "https://me:pass@jira.example", "JIRA_URL must not carry a user name or password"),
        ("TIME_ZONE", "Mars/Base", "TIME_ZONE must be a time zone such as Europe/Berlin"),
        ("JIRA_URL", "https://jira.example:port", "JIRA_URL must be a URL such as https://example.com."),
        ("JIRA_URL", "https://[jira", "JIRA_URL must be a URL such as https://example.com."),
        ("CELERY_BROKER_URL", "redis://broker:port/0", "CELERY_BROKER_URL must be a URL such as redis://"),
        ("DATABASE_URL", "sqlite:////dev/null/x.sqlite3", "DATABASE_URL: the folder of the file cannot be made"),
        ("ALLOWED_HOSTS", "https://relmail.example", "ALLOWED_HOSTS must be names of hosts without scheme and port"),
        ("AWS_REGION", "Frankfurt", "AWS_REGION must be a region such as eu-central-1, not 'Frankfurt'."),
        ("OPENAI_CURRENCY", "dollars", "OPENAI_CURRENCY must be a currency such as USD or EUR, not 'dollars'."),
        ("SNS_TOPIC_ARNS", "relmail", "SNS_TOPIC_ARNS must be ARNs such as arn:aws:sns:REGION:ACCOUNT:TOPIC"),
        ("SES_CONFIGURATION_SET", "our set", "SES_CONFIGURATION_SET must be at most 64 letters, digits, - and _"),
        ("DEFAULT_FROM_EMAIL", "nobody", "DEFAULT_FROM_EMAIL must be an address such as Releases <releases@"),
        ("CELERY_QUEUE", "a b", "CELERY_QUEUE must be at most 80 letters"),
        ("SECRET_KEY", "short", "SECRET_KEY must have at least 50 characters."),
    ],
)
def test_a_bad_value_stops_the_start_with_one_line_that_names_it(name: str, value: str, said: str) -> None:
    ended = run(["check"], **{name: value})
    assert ended.returncode != 0
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("relmail: ") and said in lines[0]
    assert "pass@" not in ended.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "PUBLIC_URL", "ALLOWED_HOSTS"])
def test_production_has_no_default_for_what_only_its_owner_knows(name: str) -> None:
    ended = run(["check"], **{key: value for key, value in PRODUCTION.items() if key != name})
    assert ended.returncode != 0
    assert f"{name} must be set" in ended.stderr


def test_production_passes_the_deployment_checks_without_a_warning() -> None:
    ended = run(["check", "--deploy", "--fail-level", "WARNING"], **PRODUCTION)
    assert ended.returncode == 0, ended.stderr


def test_embedded_mode_needs_no_variable_at_all(tmp_path: Path) -> None:
    ended = run(["check"], DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}")
    assert ended.returncode == 0, ended.stderr


def test_the_simulated_topic_is_in_the_region_that_the_shell_names() -> None:
    said = run(
        ["shell", "-v", "0", "-c", "from django.conf import settings; print(settings.SNS_TOPIC_ARNS)"],
        AWS_REGION="us-east-1",
    )
    assert "arn:aws:sns:us-east-1:000000000000:relmail" in said.stdout


def test_every_setting_is_in_the_example_file() -> None:
    import re

    source = (ROOT / "relmail" / "settings.py").read_text()
    read = set(re.findall(r"(?:env\.\w+|_required)\(\s*\"([A-Z_]+)\"", source))
    documented = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert read == documented
    assert set(launch.SETTINGS) == documented


def test_a_taken_port_is_told_and_another_one_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        variables = {"PORT": str(port), "SIMULATOR_PORT": str(port)}
        launch.prepare(["manage.py", "up"], variables)
    assert variables["PORT"] != str(port)
    assert variables["SIMULATOR_PORT"] not in (str(port), variables["PORT"])
    assert f"Port {port} is taken" in capsys.readouterr().err


def test_the_demo_reaches_nothing_that_the_shell_names() -> None:
    variables = {
        "DATABASE_URL": "postgresql://real.example/relmail",
        "JIRA_URL": "https://real.example",
        "AWS_SES_ENDPOINT_URL": "https://real.example",
        "AWS_ACCESS_KEY_ID": "real",
        "OPENAI_API_KEY": "real",
        "AWS_PROFILE": "real",
        "SES_TENANT": "real",
        "FREQUENCY_CAP_EMAILS": "1",
        "RELMAIL_MODE": "production",
    }
    launch.prepare(["manage.py", "demo"], variables)
    assert "FREQUENCY_CAP_EMAILS" not in variables
    assert variables["RELMAIL_MODE"] == "embedded"
    assert variables["DATABASE_URL"].startswith("sqlite:///")
    assert "real" not in " ".join(variables.values())


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_proxy_of_the_shell_is_not_asked_for_the_parts_of_this_process(command: str) -> None:
    variables = {"HTTP_PROXY": "http://proxy.example:3128", "no_proxy": "intranet.example"}
    launch.prepare(["manage.py", command], variables)
    assert variables["HTTP_PROXY"] == "http://proxy.example:3128"
    assert variables["no_proxy"] == "intranet.example,127.0.0.1,localhost"
    assert variables["NO_PROXY"] == "127.0.0.1,localhost"


def test_a_folder_may_have_any_name() -> None:
    path = "/srv/100% ours #1/a+b/r?/relmail.sqlite3"
    read = Environment({"DATABASE_URL": sqlite_url(path)}).database("DATABASE_URL", "")
    assert read["NAME"] == path


@pytest.mark.skipif(sys.platform != "linux", reason="names of the abstract namespace are Linux's")
def test_two_that_start_at_once_choose_different_ports() -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    choose = "import sys; from relmail import launch; print(launch.free_port(int(sys.argv[1]), without=set())); "
    command = [sys.executable, "-uc", choose + "sys.stdin.read()", str(port)]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with first:
        assert first.stdout is not None
        assert int(first.stdout.readline()) == port, "it listens nowhere yet"
        second = subprocess.run(command, input="", capture_output=True, text=True, cwd=ROOT, check=True)
        assert port < int(second.stdout) <= port + 99
        first.communicate("")
    third = subprocess.run(command, input="", capture_output=True, text=True, cwd=ROOT, check=True)
    assert int(third.stdout) == port, "who has ended speaks for nothing"


def test_other_commands_keep_their_ports() -> None:
    variables: dict[str, str] = {}
    launch.prepare(["manage.py", "migrate"], variables)
    assert variables == {}


def test_a_flag_reads_the_usual_words() -> None:
    for word, value in {
        "true": True,
        "Yes": True,
        "on": True,
        "1": True,
        "false": False,
        "NO": False,
        "0": False,
    }.items():
        assert Environment({"FLAG": word}).flag("FLAG", not value) is value
    assert Environment({}).flag("FLAG", True) is True


def test_what_amazon_celery_and_django_take_is_taken() -> None:
    environment = Environment(
        {"REGIONS": "us-gov-west-1, eusc-de-east-1, ap-southeast-2", "HOSTS": "*, .relmail.example, [::1], 10.0.0.7"}
        | {"BROKERS": "amqp://one:5672;amqp://two:5672//", "SENDER": "Harbor: news <news@harbor.example>"}
    )
    assert len(environment.texts("REGIONS", like=REGION, wanted="regions")) == 3
    assert len(environment.texts("HOSTS", like=HOST, wanted="hosts")) == 4
    assert environment.broker("BROKERS", "") == "amqp://one:5672;amqp://two:5672//"
    assert environment.sender("SENDER") == "Harbor: news <news@harbor.example>"


def test_a_secret_is_never_part_of_the_message() -> None:
    with pytest.raises(BadSetting) as refused:
        Environment({"DATABASE_URL": "oracle://scott:tiger@db/x"}).database("DATABASE_URL", "")
    assert "tiger" not in str(refused.value)


LOGS = """
import logging, django
django.setup()
for status in (403, 422, 500):
    try:
        raise ValueError("inner")
    except ValueError as error:
        logging.getLogger("django.request").warning(
            "Said: %s", "no", extra={"status_code": status}, exc_info=error
        )
"""


@pytest.mark.parametrize(("mode", "tracebacks"), [("embedded", 1), ("production", 3)])
def test_a_refused_request_is_one_line_where_everything_runs_on_a_terminal(mode: str, tracebacks: int) -> None:
    variables = PRODUCTION if mode == "production" else {}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    said = subprocess.run(
        [sys.executable, "-c", LOGS],
        cwd=ROOT,
        env=kept
        | {"RELMAIL_IGNORE_DOTENV": "1", "DJANGO_SETTINGS_MODULE": "relmail.settings", "DEBUG": "0"}
        | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stderr
    assert said.count("Said: no") == 3, said
    assert said.count("Traceback") == tracebacks, said
    assert said.count("WARNING django.request") == tracebacks


def test_no_line_of_the_log_holds_what_opens_an_unsubscribe_page() -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", ("/u/eyJ-token:sig/",), None)
    assert WithoutTokens().filter(record)
    assert record.getMessage() == "Not Found: /u/.../"
    plain = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", ("/users/1/",), None)
    assert WithoutTokens().filter(plain) and plain.getMessage() == "Not Found: /users/1/"
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["tokens"]


OLD_PYTHON = """#!/bin/sh
[ "$1" = --version ] && echo Python 3.9.2 && exit 0
exit 1
"""


def test_make_says_plainly_when_no_python_is_new_enough(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (tmp_path / name).write_text(OLD_PYTHON)
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["make", "demo"], cwd=tmp_path, env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "relmail needs Python 3.11, 3.12 or 3.13; python3 is Python 3.9.2." in ended.stdout
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 14, 0)])
def test_manage_says_plainly_when_this_python_will_not_do(version: tuple[int, ...]) -> None:
    code = f"import runpy, sys; sys.version_info = {version}; runpy.run_path('manage.py', run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stderr == f"relmail needs Python 3.11, 3.12 or 3.13; this is {version[0]}.{version[1]}.\n"
