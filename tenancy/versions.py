"""Versions of what the app depends on at AWS and in Terraform: each is written here and nowhere else.

Text that repeats one (README, `.terraform-version`, Pipfile) is compared with this module by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facts.runtimes import RUNTIME

TERRAFORM_MINIMUM: Final = "1.10"
"""Least version of Terraform, or of OpenTofu, that a stack accepts: the first that keeps a lock beside a state in S3
(https://developer.hashicorp.com/terraform/language/v1.10.x/backend/s3#use_lockfile)."""
TERRAFORM_RELEASE: Final = "1.11.4"
"""Version of Terraform that `make setup-terraform` puts into the project where the machine has none."""
TERRAFORM_ZIPS: Final[Mapping[str, str]] = {
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
}
"""SHA-256 of that version's zip files by platform, as HashiCorp publishes them
(https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_SHA256SUMS): those of its own Homebrew formula,
compared on 2026-11-27 with two other repositories that pin them."""
AWS_PROVIDER: Final = "5.100.0"
"""Version of the AWS provider that `cdktf-cdktf-provider-aws` 20.1.0 binds."""
FUNCTION_PYTHON: Final = RUNTIME.value.name.removeprefix("python")
"""Python of the Lambda functions: that of their runtime."""
AWS_PROVIDER_HASHES: Final = (
    "h1:+X3t1uVrM0z4K/lAYUV1SYmO7UBd9/Y4XC11zI9wcQQ=",
    "h1:95JvzqH8cVlNqTBgqfg5UfMZXT2a8K+vygOQ9afj4mQ=",
    "h1:FAfHhUISfZ2hS9itjVfBi71TltLVAHS2ZnQXlldUva0=",
    "h1:FZ4tAR+rsfmMatrfK9BrB6k+EhvolUNR67pSlc8bacs=",
    "h1:H3mU/7URhP0uCRGK8jeQRKxx2XFzEqLiOq/L2Bbiaxs=",
    "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
    "h1:MLOPC8C1bKpbqPgtdkn26PSI/zYJZQc35vTLF4GNkXc=",
    "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
    "h1:hVDEfiQis2sEFhiqQUL2MFc3YGyA3NNnk/vNz2J1nfI=",
    "h1:hd45qFU5cFuJMpFGdUniU9mVIr5LYVWP1uMeunBpYYs=",
    "h1:jAEZ9zxrrwIdsPm0ycSiAX0HqnssEN7VdA6B8FC9NqI=",
    "h1:lcDxx0Nx+ifFqTBpxz8Un27O0s+I7UNJAr/rUpSqlig=",
    "h1:qvzqmkxybGRKK4ttHbp4+lvYMOwoDsZKNIT1nRyCEK8=",
    "h1:wOhTPz6apLBuF7/FYZuCoXRK/MLgrNprZ3vXmq83g5k=",
    "zh:054b8dd49f0549c9a7cc27d159e45327b7b65cf404da5e5a20da154b90b8a644",
    "zh:0b97bf8d5e03d15d83cc40b0530a1f84b459354939ba6f135a0086c20ebbe6b2",
    "zh:1589a2266af699cbd5d80737a0fe02e54ec9cf2ca54e7e00ac51c7359056f274",
    "zh:6330766f1d85f01ae6ea90d1b214b8b74cc8c1badc4696b165b36ddd4cc15f7b",
    "zh:7c8c2e30d8e55291b86fcb64bdf6c25489d538688545eb48fd74ad622e5d3862",
    "zh:99b1003bd9bd32ee323544da897148f46a527f622dc3971af63ea3e251596342",
    "zh:9b12af85486a96aedd8d7984b0ff811a4b42e3d88dad1a3fb4c0b580d04fa425",
    "zh:9f8b909d3ec50ade83c8062290378b1ec553edef6a447c56dadc01a99f4eaa93",
    "zh:aaef921ff9aabaf8b1869a86d692ebd24fbd4e12c21205034bb679b9caf883a2",
    "zh:ac882313207aba00dd5a76dbd572a0ddc818bb9cbf5c9d61b28fe30efaec951e",
    "zh:bb64e8aff37becab373a1a0cc1080990785304141af42ed6aa3dd4913b000421",
    "zh:dfe495f6621df5540d9c92ad40b8067376350b005c637ea6efac5dc15028add4",
    "zh:f0ddf0eaf052766cfe09dea8200a946519f653c384ab4336e2a4a64fdd6310e9",
    "zh:f1b7e684f4c7ae1eed272b6de7d2049bb87a0275cb04dbb7cda6636f600699c9",
    "zh:ff461571e3f233699bf690db319dfe46aec75e58726636a0d97dd9ac6e32fb70",
)
"""Hashes of that version's packages for all platforms that HashiCorp builds it for: `h1` of what is in a package, `zh`
of its zip file (https://developer.hashicorp.com/terraform/language/files/dependency-lock#new-provider-package-checksums).

As two independent repositories have them in their lock files, takehiro1111/aws_terraform (development/management) and
nationalarchives/ds-caselaw-data-enrichment-service (terraform), read 2026-11-27; a test compares this platform's."""
