"""The command line as a contract: what is accepted, and one sentence for what is not."""

from pathlib import Path

import pytest

from settings import BadSetting, Settings, read_settings


def test_without_options_it_watches_bitcoin_and_ether_on_loopback() -> None:
    settings = read_settings([])
    assert settings.first_pair == ("BTCUSDT", "ETHUSDT")
    assert (settings.host, settings.port, settings.chosen_source) == ("127.0.0.1", 8050, "auto")
    assert settings.market_ws_url == "wss://fstream.binance.com/market"


def test_every_option_of_the_contract_is_read(tmp_path: Path) -> None:
    line = "--source replay --replay x.gz --speed max --symbols btcusdt,SOLUSDT --host localhost --port 9000 "
    line += f"--data-dir {tmp_path} --no-browser --seed 7"
    settings = read_settings(line.split())
    assert settings.symbols == ("BTCUSDT", "SOLUSDT")
    assert (settings.replay, settings.speed, settings.seed, settings.no_browser) == (Path("x.gz"), "max", 7, True)
    assert settings.data_dir == tmp_path


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PAIRWATCH_PORT=1111\nPAIRWATCH_SEED=2\nPAIRWATCH_SYMBOLS=XRPUSDT,ADAUSDT\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAIRWATCH_PORT", "2222")
    assert read_settings([]).port == 2222
    assert read_settings(["--port", "3333"]).port == 3333
    assert read_settings([]).seed == 2
    assert read_settings([]).symbols == ("XRPUSDT", "ADAUSDT")


def test_a_recording_alone_means_replay() -> None:
    assert read_settings(["--replay", "x.gz"]).chosen_source == "replay"


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("--nonsense", "--help"),
        ("--source moon", "choose from"),
        ("--port 70000", "--port"),
        ("--port eighty", "--port"),
        ("--symbols BTC/USDT", "such as BTCUSDT"),
        ("--symbols ,", "at least one"),
        ("--speed 0.5", "1 to 100, or max"),
        ("--speed fast", "--speed"),
        ("--source replay", "--replay FILE"),
        ("--source demo --replay x.gz", "leave one out"),
        ("--host 0.0.0.0", "SSH tunnel"),
        ("--rest-url fapi.binance.com", "full address"),
        ("--seed -1", "--seed"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line_with_the_cure(line: str, cure: str) -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings(line.split())
    sentence = str(caught.value)
    assert cure in sentence
    assert "\n" not in sentence


def test_the_help_names_every_option_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in text
        assert field.description
