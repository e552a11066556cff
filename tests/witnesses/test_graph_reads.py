"""Microsoft's own Graph client, unmodified: what it lists, counts and expands is what the sandbox's own books hold."""

# mypy: ignore-errors
import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.role_management.directory.role_eligibility_schedules.role_eligibility_schedules_request_builder import (  # noqa: E501
    RoleEligibilitySchedulesRequestBuilder,
)
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

from witnesses.graph_keys import every

Users = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
Groups = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters
Eligible = RoleEligibilitySchedulesRequestBuilder.RoleEligibilitySchedulesRequestBuilderGetQueryParameters


def asked(what=None, eventual=False):
    headers = HeadersCollection()
    if eventual:
        headers.add("ConsistencyLevel", "eventual")
    return RequestConfiguration(query_parameters=what, headers=headers)


def ids(rows):
    return {one.id.lower() for one in rows}


def test_every_user_comes_by_the_clients_own_iterator(behind, directory, done):
    first = done(directory.users.get())
    rows = done(every(directory, directory.users.get()))
    short = done(every(directory, directory.users.get(asked(Users(select=["id", "userPrincipalName"], top=3)))))

    assert first.odata_next_link and len(first.value) < len(rows) == len(ids(rows))
    assert ids(rows) == ids(short) == behind.ids("graph", "user")
    assert short[0].user_principal_name and short[0].display_name is None


def test_guests_are_found_by_a_filter(behind, directory, done):
    what = Users(filter="userType eq 'Guest'", select=["id", "userType", "mail", "externalUserState", "identities"])
    guests = done(every(directory, directory.users.get(asked(what))))
    everybody = done(every(directory, directory.users.get(asked(Users(select=["id", "userType"])))))

    assert ids(guests) == ids(one for one in everybody if one.user_type == "Guest") != set()
    assert ids(guests) < ids(everybody) and all(one.mail for one in guests)
    ours = Users(filter="endswith(mail,'@intercept.example')", count=True, orderby=["displayName desc"])
    found = done(directory.users.get(asked(ours, eventual=True)))
    names = [one.display_name for one in found.value]
    assert found.odata_count == len(names) > 1 and names == sorted(names, reverse=True)


def test_what_is_counted_is_what_is_listed(behind, directory, done):
    assert done(directory.users.count.get(asked(eventual=True))) == len(behind.ids("graph", "user"))
    assert done(directory.groups.count.get(asked(eventual=True))) == len(behind.ids("graph", "group"))
    assert done(directory.applications.count.get(asked(eventual=True))) == len(behind.ids("graph", "application"))
    principals = done(directory.service_principals.count.get(asked(eventual=True)))
    assert principals == len(behind.ids("graph", "serviceprincipal"))


def test_groups_show_their_members_by_list_by_type_and_expanded(behind, directory, done):
    groups = done(every(directory, directory.groups.get()))
    assert ids(groups) == behind.ids("graph", "group")
    links = {tuple(one.split(".")[:2]) for one in behind.ids("graph", "membership")}
    seen = 0
    for group in groups:
        there = directory.groups.by_group_id(group.id)
        members = done(every(directory, there.members.get()))
        users = done(every(directory, there.members.graph_user.get()))
        assert ids(users) == ids(one for one in members if one.odata_type == "#microsoft.graph.user")
        assert ids(members) <= ids(done(every(directory, there.transitive_members.get())))
        assert done(there.members.count.get(asked(eventual=True))) == len(members)
        assert {(group.id.lower(), one) for one in ids(members)} <= links
        seen += len(members)
    assert seen > 3
    (wide,) = done(directory.groups.get(asked(Groups(filter=f"id eq '{groups[0].id}'", expand=["members"])))).value
    assert ids(wide.members) >= ids(done(every(directory, directory.groups.by_group_id(wide.id).members.get())))


def test_directory_roles_show_who_holds_them(behind, directory, done):
    roles = done(directory.directory_roles.get()).value
    assigned = done(every(directory, directory.role_management.directory.role_assignments.get()))
    assert ids(assigned) == behind.ids("graph", "roleassignment")

    for role in roles:
        holders = done(every(directory, directory.directory_roles.by_directory_role_id(role.id).members.get()))
        named = {one.principal_id for one in assigned if one.role_definition_id == role.role_template_id}
        assert ids(holders) == named != set()
        for user in [one for one in holders if one.odata_type == "#microsoft.graph.user"]:
            held = done(directory.users.by_user_id(user.id).member_of.graph_directory_role.get()).value
            assert role.display_name in [one.display_name for one in held]
        same = done(directory.directory_roles_with_role_template_id(role.role_template_id).get())
        assert same.id == role.id
    assert {one.role_template_id for one in roles} == {one.role_definition_id for one in assigned}


def test_eligible_roles_name_who_may_take_them(behind, directory, done):
    wide = asked(Eligible(expand=["principal", "roleDefinition"]))
    rows = done(every(directory, directory.role_management.directory.role_eligibility_schedules.get(wide)))

    assert ids(rows) == behind.ids("graph", "roleeligibilityschedule") != set()
    assert [one.principal.id for one in rows] == [one.principal_id for one in rows]
    assert all(one.role_definition.display_name and one.status == "Provisioned" for one in rows)
    instances = done(directory.role_management.directory.role_eligibility_schedule_instances.get()).value
    assert {one.principal_id for one in instances} == {one.principal_id for one in rows}


def test_an_application_and_its_principal_are_found_by_id_and_by_app_id(behind, directory, done, leaver):
    mine = leaver["app"]["client_id"]
    apps = done(every(directory, directory.applications.get()))
    principals = done(every(directory, directory.service_principals.get()))

    assert ids(apps) == behind.ids("graph", "application") != set()
    assert ids(principals) == behind.ids("graph", "serviceprincipal") != set()
    (app,) = [one for one in apps if one.app_id == mine]
    assert done(directory.applications.by_application_id(app.id).get()).app_id == mine
    assert done(directory.applications_with_app_id(mine).get()).id == app.id
    principal = done(directory.service_principals_with_app_id(mine).get())
    assert principal.id == leaver["app"]["service_principal_id"]
    assert str(principal.app_owner_organization_id)
    there = directory.service_principals.by_service_principal_id(principal.id)
    granted = done(there.app_role_assignments.get()).value
    assert all(str(one.principal_id) == principal.id for one in granted) and granted


@pytest.mark.parametrize("name", ["owned_objects", "member_of", "app_role_assignments", "license_details"])
def test_a_relation_in_which_nothing_lies_is_an_empty_list(directory, done, name):
    rows = done(every(directory, directory.users.get()))
    assert isinstance(done(getattr(directory.users.by_user_id(rows[-1].id), name).get()).value, list)
