"""Has the boto3 sessions of a process share AWS's descriptions of its services, as the clients of one session do.

A test that makes a session of its own would read them again, which takes longer than what it asks.
"""

import functools

import botocore.loaders
import botocore.session

botocore.session.create_loader = functools.cache(botocore.loaders.create_loader)
