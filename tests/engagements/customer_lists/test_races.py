"""Two files for one list at the same instant, two workers for one file, and people who claim meanwhile."""

import threading
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection, transaction

from claims.offers import offers
from engagements.customer_lists import staging, uploads
from engagements.models import Engagement, ListedCustomer, ListUpload
from tests.factories import LocationFactory, make_customer
from tests.together import at_once

from .files import tenants

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
State = ListUpload.State


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def values() -> set[str]:
    return set(ListedCustomer.objects.values_list("value", flat=True))


def ids(rows) -> set[str]:
    return {value for _label, value in rows}


A, B = tenants(3000), tenants(3000, start=5000)


def test_two_files_at_once_leave_the_list_of_the_later_one(bring, now):
    """Ten rounds, each with the workers of both, and of the sweep, at the same instant."""
    for _ in range(10):
        first, second = bring(A, read=False), bring(B, read=False)

        at_once(
            partial(uploads.read, second.pk, now=now),
            partial(uploads.read, first.pk, now=now),
            partial(uploads.tend, now=now),
        )
        uploads.tend(now=now)

        assert set(ListUpload.objects.values_list("state", flat=True)) == {State.DONE}
        assert values() == ids(B)


def test_control_two_merges_at_once_mix_both_files(listed, monkeypatch):
    """Without the turns, each removes what it sees, and adds its own."""
    together, execute = threading.Barrier(2), staging.execute

    def side_by_side(sql, *args):
        done = execute(sql, *args)
        if sql == staging.REMOVE_OTHERS:
            together.wait(timeout=20)
        return done

    def merge(rows):
        with staging.staged(), transaction.atomic():
            staging.add([f"tenant\t{value}" for _label, value in rows])
            staging.merge(listed.pk, rows=len(rows), replace=True)

    monkeypatch.setattr(staging, "execute", side_by_side)
    at_once(partial(merge, A), partial(merge, B))

    assert values() == ids(A) | ids(B)


def test_of_eight_workers_one_reads_the_file(bring, now):
    """Ten rounds."""
    for _ in range(10):
        upload = bring(A, read=False)

        at_once(*[partial(uploads.read, upload.pk, now=now)] * 8)

        upload.refresh_from_db()
        assert (upload.state, upload.attempts) == (State.DONE, 1)


def test_control_look_then_save_lets_several_workers_take_one_file(bring):
    upload = bring(A, read=False)
    together = threading.Barrier(4)

    def look_then_save() -> bool:
        mine = ListUpload.objects.get(pk=upload.pk)
        is_free = mine.state == State.QUEUED
        together.wait(timeout=20)
        if is_free:
            mine.state = State.READING
            mine.save()
        return is_free

    assert at_once(*[look_then_save] * 4).count(True) == 4


@pytest.fixture
def seen(listed, now):
    """Which of some customers the wizard would let a partner claim at this instant."""
    location = LocationFactory()
    customers = [make_customer() for _ in range(6)]

    def seen() -> list[bool]:
        engagement = Engagement.objects.get(pk=listed.pk)
        return [offers([engagement], location, customer, now=now)[0].eligible for customer in customers]

    seen.rows = [("Tenant ID", customer.value) for customer in customers]
    return seen


def test_the_wizard_sees_the_old_list_or_the_new_one_and_waits_for_neither(
    bring, seen, listed, now, monkeypatch
):
    bring(seen.rows[:3])
    upload = bring(seen.rows[3:], read=False)
    reached, go_on = threading.Event(), threading.Event()

    def held(hold, *args, **facts):
        reached.set()
        go_on.wait(timeout=20)
        return end(hold, *args, **facts)

    end = uploads.Hold.end
    monkeypatch.setattr(uploads.Hold, "end", held)
    worker = threading.Thread(target=lambda: (uploads.read(upload.pk, now=now), connection.close()))
    worker.start()
    assert reached.wait(timeout=20)

    with transaction.atomic():
        # As whoever creates a claim: the engagement's row is free while a list is being written.
        Engagement.objects.select_for_update(nowait=True).get(pk=listed.pk)
        while_written = seen()
    go_on.set()
    worker.join(timeout=20)

    assert while_written == [True] * 3 + [False] * 3
    assert seen() == [False] * 3 + [True] * 3
    assert ListUpload.objects.get(pk=upload.pk).state == State.DONE


def test_a_sweep_leaves_a_worker_alone_that_is_still_writing(bring, now, monkeypatch):
    """However long it takes: its row is locked while it lives, and free as soon as it is dead."""
    upload = bring(A, read=False)
    merge = staging.merge

    def long(*args, **kwargs):
        outcome = merge(*args, **kwargs)
        sweep = threading.Thread(
            target=lambda: (uploads.tend(now=now + uploads.LEASE_TO_WRITE * 2), connection.close())
        )
        sweep.start()
        sweep.join(timeout=20)
        return outcome

    monkeypatch.setattr(staging, "merge", long)
    uploads.read(upload.pk, now=now)

    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (State.DONE, 1)
    assert values() == ids(A)
