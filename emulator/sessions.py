"""boto3 sessions, of which each thread has one for each region."""

import threading

import boto3

_of_thread = threading.local()


def session(region: str) -> boto3.session.Session:
    """Return this thread's session, which reads each service's description once: that takes longer than a call."""
    sessions: dict[str, boto3.session.Session] = vars(_of_thread).setdefault("sessions", {})
    if region not in sessions:
        sessions[region] = boto3.session.Session(region_name=region)
    return sessions[region]
