"""Microsoft's own Graph client, unmodified: what it changes, what refuses it, and how it waits."""

# mypy: ignore-errors
import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_http.middleware.options import RetryHandlerOption
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.user import User

from witnesses.graph_keys import every


def refused(done, asked):
    with pytest.raises(ODataError) as no:
        done(asked)
    return no.value.response_status_code, no.value.error.code


def test_what_is_not_there_is_the_clients_own_error(directory, done):
    none = "00000000-0000-0000-0000-000000000000"
    for asked in (
        directory.users.by_user_id(none).get(),
        directory.groups.by_group_id(none).get(),
        directory.applications.by_application_id(none).get(),
        directory.service_principals_with_app_id(none).get(),
        directory.directory.deleted_items.by_directory_object_id(none).get(),
    ):
        assert refused(done, asked) == (404, "Request_ResourceNotFound")


def test_who_has_no_right_is_told_so_and_changes_nothing(behind, directory, house, done):
    users = behind.ids("graph", "user")
    assert refused(done, house.users.get()) == (403, "Authorization_RequestDenied")
    assert refused(done, house.users.by_user_id(sorted(users)[0]).delete()) == (403, "Authorization_RequestDenied")
    assert behind.ids("graph", "user") == users
    with behind.trouble(do="forbid", vendor="graph", path="/groups$"):
        assert refused(done, directory.groups.get())[0] == 403


def test_a_throttled_call_is_made_again_and_one_that_may_not_is_told(behind, directory, done):
    before = len(behind.record("/v1.0/groups"))
    with behind.trouble(do="throttle", vendor="graph", path="/groups$", seconds=1, times=1):
        assert done(directory.groups.get()).value
    assert behind.record("/v1.0/groups")[before:] == [429, 200]

    once = RequestConfiguration(options=[RetryHandlerOption(delay=0, max_retries=0)])
    with behind.trouble(do="throttle", vendor="graph", path="/groups$", seconds=1):
        assert refused(done, directory.groups.get(once)) == (429, "TooManyRequests")


def test_a_deleted_user_waits_in_the_bin_and_comes_back(behind, directory, done):
    held = {
        one.principal_id for one in done(every(directory, directory.role_management.directory.role_assignments.get()))
    }
    user = next(one for one in done(every(directory, directory.users.get())) if one.id not in held)
    there = directory.users.by_user_id(user.id)

    done(there.patch(User(account_enabled=False)))
    done(there.delete())
    assert refused(done, there.get()) == (404, "Request_ResourceNotFound")
    assert user.id.lower() not in behind.ids("graph", "user")
    bin_ = done(directory.directory.deleted_items.graph_user.get()).value
    assert user.id in [one.id for one in bin_] and bin_[0].deleted_date_time
    done(directory.directory.deleted_items.by_directory_object_id(user.id).restore.post())
    assert done(there.get()).user_principal_name == user.user_principal_name


def test_what_the_path_does_not_know_is_a_bad_request(directory, done):
    assert refused(done, directory.users.with_url(directory.request_adapter.base_url + "/nothing").get()) == (
        400,
        "BadRequest",
    )
    assert refused(done, directory.users.count.get()) == (400, "Request_BadRequest")
