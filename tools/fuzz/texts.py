"""What is written in the wrong place, or nearly rightly: the texts that registries and environments are edited with."""

from __future__ import annotations

from random import Random
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    """Return the words of `text`."""
    return tuple(text.split())


UUID: Final = "12345678-1234-1234-1234-123456789012"
DIGEST: Final = "0123456789abcdef" * 4
ECR: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

NUMBERS: Final = (
    *_words(
        "0 1 2 -1 +3 3 7 14 017 0x10 0o17 1_000 1:30 1.0 1e3 30.5 .5 .nan .inf -.inf 30 365 1000 1001 10000"
    ),
    *_words("36500 36501 50000 50001 2147483648 '5' \"30\" \uff11\uff12 \u0661"),
    *("9" * 40, "9" * 5000, "!!int '30'", "!!float 30", "'30 '"),
)
WORDS: Final = (
    *_words(
        "~ null Null yes no on off y true True false never Never 'never' jwt iam JWT << = a # @ ` ' \" [ { ? ..."
    ),
    *(
        "",
        "x" * 64,
        "x" * 300,
        "'${file(\"/etc/passwd\")}'",
        "'%{ if true }'",
        "'a\\nb'",
        '"a\\nb"',
        '"\\u202e"',
    ),
    *(
        '"\\ud800"',
        '"\\0"',
        "'\u2028'",
        "\u00e9",
        "\u65e5\u672c",
        "\U0001f98a",
        "!!binary aGk=",
        "!!set {a}",
        "!x y",
    ),
    *(
        "!!python/object:os.system x",
        "&a b",
        "*a",
        "|\n  x",
        ">-\n  x",
        "# x",
        "- x",
        ": ",
        "%YAML 1.1",
        "---",
    ),
)
COLLECTIONS: Final = (
    *_words(
        "[] {} [null] [[]] [events] [kms] [dynamodb] events [kms,events] [events,events] [events,kms,logs]"
    ),
    *(
        "{a: b}",
        "{a: {b: {c: d}}}",
        "{events: kms}",
        "[" * 50 + "]" * 50,
        "[" * 2000 + "]" * 2000,
        "{? [a] : b}",
    ),
    *("{cidr: 10.9.0.0/16}", "{listener_priority: 9}"),
)
NETWORKS: Final = (
    *_words("10.0.0.0/16 10.1.0.0/16 10.1.4.0/22 10.1.0.0/255.255.0.0 10.1.0.0/016 010.1.0.0/16 10.1.0.0/15"),
    *_words("10.1.0.0/23 10.1.0.0/24 10.1.0.0 10.1.0.0/ 10.1.0.1/16 10.256.0.0/16 10.1.0.0/20 10.200.0.0/20"),
    *_words(
        "172.16.0.0/16 172.31.240.0/20 172.32.0.0/16 192.168.0.0/16 192.169.0.0/16 11.0.0.0/16 100.64.0.0/16"
    ),
    *_words("0.0.0.0/0 fd00::/16 10.1/16 167837696/16 \uff11\uff10.1.0.0/16"),
    *(" 10.1.0.0/16", "'10.1.0.0/16 '", "'10.1.0.0/ 16'"),
)
TIMES: Final = (
    *_words(
        "2026-01-01T00:00:00Z '2026-01-01T00:00:00+02:00' 2026-01-01 2026-01-01T00:00:00 2026-01-01T00:00:00!Z"
    ),
    *_words("2026-13-01T00:00:00Z 2026-02-29T00:00:00Z 2024-02-29T00:00:00Z 2026-01-01T24:00:00Z"),
    *_words("2026-01-01T23:59:60Z 9999-12-31T23:59:59-14:00 0001-01-01T00:00:00+14:00 0000-01-01T00:00:00Z"),
    *_words("2026-01-01T00:00:00.123456789Z 2026-01-01T00:00:00z 2026-01-01T00:00:00+25:00 20260101T000000Z"),
    *_words("2026-01-01T00:00:00+00:99 2026-W01-1T00:00:00Z 1767225600 now"),
    "2026-01-01 00:00:00",
)
IMAGES: Final = (
    *_words(
        "nginx nginx:latest nginx: :latest x..//::: 10.1.0.0/16 UPPER/case a/b/c/d:e localhost/x localhost:5000/x"
    ),
    *_words(
        "public.ecr.aws/nginx/nginx:1.27 123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1 registry:70000/x"
    ),
    *_words(
        "registry.example:5000/x registry.example:70000/x registry.example:0/x https://registry.example/x"
    ),
    *_words("nginx@sha256:abc nginx@md5:abc a_b/c__d/e---f a___b -a a- a/ /a"),
    *(f"nginx@sha256:{DIGEST}", f"nginx:1@sha256:{DIGEST}", f"a:{'t' * 128}", f"a:{'t' * 129}"),
    *("a" * 255, "a" * 256, "ng inx", "'nginx '"),
)
DOMAINS: Final = (
    *_words(
        "example.com EXAMPLE.com example example.com. .example.com a..b -a.com a-.com a.b- a.1 1.2.3.4 a.com1"
    ),
    *_words(
        "*.example.com '*.example.com' exa_mple.com xn--bcher-kva.example b\u00fccher.example http://example.com"
    ),
    *_words("example.com:443 a.b localhost"),
    *("a." * 47 + "b", "a." * 48 + "b", "x" * 63 + ".com", "x" * 64 + ".com"),
)
CERTIFICATES: Final = (
    f"arn:aws:acm:us-east-1:123456789012:certificate/{UUID}",
    f"arn:aws:acm:eu-west-1:123456789012:certificate/{UUID}",
    f"arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/{UUID}",
    f"arn:aws-us-gov:acm:us-east-1:123456789012:certificate/{UUID}",
    f"arn:aws:acm:us-east-1:12345678901:certificate/{UUID}",
    f"arn:aws:acm::123456789012:certificate/{UUID}",
    f"arn:aws:iam::123456789012:server-certificate/{UUID}",
    f"arn:aws:acm:us-east-1:123456789012:certificate/{UUID.replace('a', 'A')}x",
    f"arn:aws:acm:us-east-1:123456789012:certificate/{UUID}\u00a0",
    "arn:aws:acm:us-east-1:123456789012:certificate/",
    "${aws_acm_certificate.x.arn}",
    "arn:*:acm:*:*:certificate/*",
)
ZONES: Final = (
    *_words("Z0123456789 Z0123456789ABCDEFGHIJ Z z0123456789 /hostedzone/Z0123456789 example.com Z01-23"),
    *("Z" + "0" * 31, "Z" + "0" * 32, "'Z0123456789 '", "~"),
)
HOSTS: Final = (
    *(
        f"[{host}]"
        for host in ("shop.acme.example", "a.b", "*.acme.example", "acme", "Shop.acme.example", "1.2.3.4")
    ),
    *(
        f"[{host}]"
        for host in ("shop.example.com", "example.com", "shop.acme.internal", "a.test", "a.localhost")
    ),
    *(
        f"[{host}]"
        for host in ("d1.cloudfront.net", "x.elb.amazonaws.com", "notamazonaws.com", "exa_mple.com")
    ),
    *("[]", "[a.example, b.example, c.example]", "[a.example, b.example, c.example, d.example]", "a.example"),
    *("[a.example, a.example]", "[~]", "[1]", f"[{'a' * 53}.example]", f"[{'a' * 57}.example]"),
    *(f"[{'a.' * 63}b]", f"[{'a.' * 64}b]", "[a.example, A.example]"),
)
COLLECTORS: Final = (
    f"public.ecr.aws/aws-observability/aws-otel-collector@sha256:{DIGEST}",
    f"123456789012.dkr.ecr.us-east-1.amazonaws.com/collector@sha256:{DIGEST}",
    f"aws-otel-collector:v1@sha256:{DIGEST}",
    f"localhost/collector@sha256:{DIGEST}",
    f"collector@sha256:{DIGEST[1:]}",
    f"collector@sha512:{DIGEST}",
    "public.ecr.aws/aws-observability/aws-otel-collector:latest",
)
SENTENCES: Final = (
    "What they do is seen in logs.",
    "short",
    f"'{'x' * 15}'",
    f"'{'x' * 14}'",
    f"'{'x' * 500}'",
    f"'{'x' * 501}'",
    "' What they do is seen in logs.'",
    '"What they do\\nis seen in logs."',
    "[]",
)
REGIONS: Final = (
    *_words("us-east-1 us-west-2 us-west-1 eu-central-1 eu-west-1 ap-northeast-1 il-central-1 us-gov-west-1"),
    *_words(
        "cn-north-1 us-foo-9 us-east-1a US-EAST-1 mx-central-1 global aws-global eusc-de-east-1 us-iso-east-1"
    ),
    "us-east-1 ",
)
IDS: Final = (
    *_words(
        "acme acme-corp a a--b -a a- A 1a www api admin aws a_b a.b true null ~ .nan .inf 1 017 << __proto__"
    ),
    *("a" * 30, "a" * 31, "\u00e9", "'a b'", "'a\u2028b'", "'a\nb'", "x" * 500),
)
BUCKETS: Final = (
    *_words(
        "state-bucket ab abc a..b a.-b a-.b 192.168.1.1 192.168.1.1.1 xn--a sthree-a amzn-s3-demo-a a-s3alias"
    ),
    *_words("a--ol-s3 a.mrap a--x-s3 a--table-s3 a-an Aaa a_b -ab ab- .ab ab. s3://state arn:aws:s3:::state"),
    *("a" * 63, "a" * 64),
)
URLS: Final = (
    *_words(
        "http://127.0.0.1:4566 https://127.0.0.1:4566/ http://localhost:4566 http://[::1]:4566 http://[::g]:4566"
    ),
    *_words(
        "http://user:secret@127.0.0.1:4566 https://user@aws.example http://aws.example:4566 https://aws.example"
    ),
    *_words(
        "https://aws.example:0 https://aws.example:65535 https://aws.example:65536 https://aws.example/path"
    ),
    *_words("https://aws.example?x https://aws.example#x ftp://aws.example aws.example http://"),
    *_words("http://999.999.999.999:1 http://[1:2:3]:4566 http://0x7f.1 javascript:alert(1)"),
    "http://127.0.0.1:4566\r\nHost: x",
)
PRINCIPALS: Final = (
    *_words("arn:aws:iam::123456789012:role/deployer arn:aws:iam::123456789012:user/path/a@b"),
    *_words("arn:aws:iam::123456789012:role/a,arn:aws:iam::123456789012:role/b arn:aws:iam::*:role/*"),
    *_words("arn:aws-us-gov:iam::123456789012:role/deployer arn:aws:iam::123456789012:root 123456789012 * ,"),
    *_words(
        "arn:aws:iam::123456789012:role/* arn:aws:sts::123456789012:assumed-role/a/b arn:aws:iam::12345678901:role/a"
    ),
    *("arn:aws:iam::123456789012:role/" + "a" * 64, "arn:aws:iam::123456789012:role/" + "a" * 65, " , "),
    ",".join(f"arn:aws:iam::123456789012:role/administrator-{number}" for number in range(200)),
)
ANY: Final = (
    *(*NUMBERS, *WORDS, *COLLECTIONS, *NETWORKS, *TIMES, *IMAGES),
    *(*DOMAINS, *CERTIFICATES, *REGIONS, *IDS, *BUCKETS),
    *(*ZONES, *HOSTS, *COLLECTORS, *SENTENCES),
)


def changed(random: Random, text: str) -> str:
    """Return `text` with one to three characters changed, dropped, doubled or put in."""
    alphabet = "aZ09-_.:/@ ,'\"{}[]#&*!|>%\\\n\t\r\x00\x7f\x85\ufeff\u2028\u00e9\U0001f98a${}"
    for _ in range(random.randint(1, 3)):
        place = random.randint(0, len(text))
        kept = random.choice((place, place + 1, max(0, place - 1), place + random.randint(1, 40)))
        text = text[:place] + random.choice(("", *alphabet)) + text[kept:]
    return text
