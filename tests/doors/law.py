"""Who gets through which door, as two tables: what kind each door is of, and what each kind says to each person."""

from dataclasses import dataclass

# fmt: off
# "in": asked to sign in; "ok": what the door answers to its form or page; a number: this answer instead, and no effect.
KINDS = """
kind       nobody gone user admin neighbour stranger strange_admin roleless reviewer lead owner support auditor
public     ok     ok   ok   ok    ok        ok       ok            ok       ok       ok   ok    ok      ok
home       in     in   ok   ok    ok        ok       ok            ok       ok       ok   ok    ok      ok
overview   in     in   ok   ok    ok        ok       ok            ok       302      302  302   302     302
workspace  in     in   ok   ok    ok        ok       ok            ok       404      404  404   404     404
private    in     in   ok   ok    404       404      404           ok       404      404  404   404     404
location   in     in   403  ok    404       404      404           404      404      404  404   404     404
wizard     in     in   ok   ok    ok        ok       ok            404      404      404  404   404     404
draft      in     in   ok   404   404       404      404           404      404      404  404   404     404
claim      in     in   ok   ok    404       404      404           404      404      404  404   404     404
account    in     in   ok   ok    ok        ok       ok            ok       ok       ok   ok    ok      ok
company    in     in   404  ok    404       404      ok            404      404      404  404   404     404
colleague  in     in   404  ok    404       404      404           404      404      404  404   404     404
desk       in     in   404  404   404       404      404           404      ok       ok   ok    ok      ok
read       in     in   404  404   404       404      404           404      ok       ok   403   ok      ok
confide    in     in   404  404   404       404      404           404      ok       ok   403   403     ok
decide     in     in   404  404   404       404      404           404      ok       ok   403   403     403
catalogue  in     in   404  404   404       404      404           404      403      ok   ok    ok      ok
payees     in     in   404  404   404       404      404           404      403      403  ok    ok      ok
enrolments in     in   404  404   404       404      404           404      403      ok   ok    ok      ok
audit      in     in   404  404   404       404      404           404      403      403  403   403     ok
queue      in     in   404  404   404       404      404           404      403      ok   ok    ok      ok
steer      in     in   404  404   404       404      404           404      403      403  ok    ok      403
edit       in     in   404  404   404       404      404           404      403      403  ok    403     403
material   in     in   404  404   404       404      404           404      ok       ok   ok    ok      ok
publish    in     in   404  404   404       404      404           404      403      403  ok    403     403
nobodys    in     in   404  404   404       404      404           404      403      403  403   403     403
nowhere    in     in   404  404   404       404      404           404      404      404  404   404     404
"""

# What a door answers to those who may pass; a dot: it does not know this method, and says 405; so does a "view" of
# Django's own, but for OPTIONS, which it answers with the methods that it knows.
DOORS = """
door                                          kind        GET  POST  other
incentives:home                               home        302  .     .
incentives:overview                           overview    200  .     .
incentives:programme                          workspace   200  .     .
incentives:enrolment                          private      200  .     .
incentives:enrol                              location    .    302   .
incentives:payee                              location    200  302   .
incentives:account                            account     200  .     .
incentives:permissions                        account     200  .     .
incentives:password                           account     200  302   .
incentives:reminders                          account     .    302   .
incentives:sign_out_everywhere                account     .    302   .
incentives:users                              company     200  .     .
incentives:invite                             company     200  302   .
incentives:audit                              company     200  .     .
incentives:person                             colleague   200  .     .
incentives:assign                             colleague   200  302   .
incentives:unassign                           colleague   .    302   .
incentives:deactivate                         colleague   200  302   .
incentives:activate                           colleague   .    302   .
incentives:invite_again                       colleague   .    302   .
incentives:sign_in                            public      200  422   .
incentives:forgotten                          public      200  302   .
incentives:forgotten_sent                     public      200  .     .
incentives:sign_out                           public      .    302   .
incentives:alive                              public      200  .     .
incentives:ready                              public      200  .     .
engagements:list                              workspace   200  .     .
engagements:attention                         workspace   200  .     .
engagements:customers                         private     200  .     .
engagements:summary                           private     200  .     .
engagements:eligibility                       private     200  .     .
engagements:material                          private     200  .     .
claims:list                                   workspace   200  .     .
claims:columns                                wizard      .    302   .
claims:export                                 workspace   200  .     .
claims:exports                                workspace   200  .     .
claims:ask_export                             wizard      .    302   .
claims:export_file                            draft       200  .     .
claims:export_cancellation                    draft       .    302   .
claims:sheets                                 workspace   200  .     .
claims:add_sheet                              wizard      .    302   .
claims:sheet_template                         workspace   200  .     .
claims:sheet                                  draft       200  .     .
claims:sheet_report                           draft       200  .     .
claims:sheet_claims                           draft       .    302   .
claims:sheet_cancellation                     draft       .    302   .
claims:sheet_removal                          draft       .    302   .
claims:views                                  workspace   200  .     .
claims:save_view                              wizard      .    302   .
claims:view                                   draft       200  302   .
claims:view_removal                           draft       .    302   .
claims:add                                    wizard      .    302   .
claims:add_step                               draft       200  200   .
claims:detail                                 claim       200  .     .
claims:history                                claim       200  .     .
claims:submission                             claim       .    302   .
claims:cancellation                           claim       200  302   .
claims:dispute                                claim       200  302   .
claims:contacts                               claim       200  302   .
claims:queued_removal                         claim       .    302   .
claims:comments                               claim       .    302   .
claims:upload                                 claim       .    302   .
claims:removal                                claim       .    302   .
claims:document                               claim       200  .     .
claims:template                               claim       200  .     .
consent:start                                 claim       302  .     .
consent:sent                                  claim       200  .     .
consent:request                               claim       200  302   .
surveys:send                                  claim       .    302   .
surveys:answer                                claim       200  302   .
door:consent                                  public      302  .     .
door:consent_process                          public      200  .     .
door:consent_answer                           public      404  404   .
door:consent_thanks                           public      404  .     .
door:customer_survey                          public      302  .     .
door:partner_survey                           public      302  .     .
door:survey_answer                            public      404  404   .
door:survey_thanks                            public      404  .     .
door:invitation                               public      302  .     .
door:invitation_answer                        public      404  404   .
door:password_reset                           public      302  .     .
door:password_reset_answer                    public      404  404   .
door:reminders                                public      200  200   .
door:reminders_again                          public      .    302   .
mail:inbox                                    public      200  .     .
mail:read                                     public      404  .     .
admin:index                                   desk        200  200   200
admin:logout                                  desk        302  302   302
admin:app_list                                desk        302  302   302
admin:jsi18n                                  desk        200  .     view
admin:autocomplete                            desk        403  .     view
admin:view_on_site                            nowhere     404  404   404
/desk/%(url)s                                 nowhere     404  404   404
admin:claims_claim_changelist                 read        200  200   200
admin:claims_claim_change                     read        200  .     .
admin:claims_claim_consent                    confide     200  .     .
admin:claims_claim_document                   read        200  .     .
admin:claims_claim_template                   read        200  .     .
admin:claims_claim_comments                   decide      .    302   .
admin:claims_claim_decision                   decide      .    302   .
admin:engagements_engagement_changelist       catalogue   200  200   200
admin:engagements_engagement_customers               catalogue   200  .     .
admin:engagements_engagement_customers_download      catalogue   200  .     .
admin:engagements_engagement_customers_template      catalogue   200  .     .
admin:engagements_engagement_customers_progress      catalogue   200  .     .
admin:engagements_engagement_customers_bad_rows      catalogue   200  .     .
admin:engagements_engagement_customers_upload        publish       200  302   .
admin:engagements_engagement_customers_cancellation  publish       .    302   .
admin:engagements_engagement_add              edit        200  302   .
admin:engagements_engagement_change           record      200  302   .
admin:engagements_engagement_history          catalogue   200  .     .
admin:engagements_ratecard_changelist         catalogue   200  200   200
admin:engagements_ratecard_add                edit        200  302   .
admin:engagements_ratecard_change             record      200  302   .
admin:engagements_ratecard_history            catalogue   200  .     .
admin:engagements_marketlist_changelist       catalogue   200  200   200
admin:engagements_marketlist_add              edit        200  302   .
admin:engagements_marketlist_change           record      200  302   .
admin:engagements_marketlist_history          catalogue   200  .     .
admin:engagements_solutionarea_changelist     catalogue   200  200   200
admin:engagements_solutionarea_add            edit        200  302   .
admin:engagements_solutionarea_change         record      200  302   .
admin:engagements_solutionarea_history        catalogue   200  .     .
admin:engagements_activitytype_changelist     catalogue   200  200   200
admin:engagements_activitytype_add            edit        200  302   .
admin:engagements_activitytype_change         record      200  302   .
admin:engagements_activitytype_history        catalogue   200  .     .
admin:engagements_cannedcomment_changelist    catalogue   200  200   200
admin:engagements_cannedcomment_add           edit        200  302   .
admin:engagements_cannedcomment_change        record      200  302   .
admin:engagements_cannedcomment_history       catalogue   200  .     .
admin:engagements_privatelistentry_changelist catalogue   200  200   200
admin:engagements_privatelistentry_add        edit        200  302   .
admin:engagements_designation_changelist      catalogue   200  200   200
admin:engagements_designation_add             edit        200  302   .
admin:engagements_designation_change          record      200  302   .
admin:engagements_designation_history         catalogue   200  .     .
admin:engagements_attainment_changelist       catalogue   200  200   200
admin:engagements_attainment_add              edit        200  302   .
admin:engagements_attainment_change           edit        200  302   .
admin:engagements_evaluation_changelist       catalogue   200  200   200
admin:engagements_catalogue_download          catalogue   200  .     .
admin:engagements_catalogue_upload            edit        200  200   .
admin:engagements_catalogue_load              edit        .    302   .
admin:incentives_payeeprofile_changelist      payees      200  200   200
admin:incentives_payeeprofile_change          payees      200  403   200
admin:incentives_enrolment_changelist         enrolments  200  200   200
admin:incentives_enrolment_change             enrolments  200  .     .
admin:incentives_enrolment_discontinuation    edit        200  302   .
admin:incentives_enrolment_reinstatement      edit        .    302   .
admin:incentives_programmeterms_changelist    enrolments  200  200   200
admin:incentives_programmeterms_change        enrolments  200  .     .
admin:incentives_programmeterms_add           edit        200  302   .
admin:incentives_auditentry_changelist        audit       200  200   200
admin:mail_message_changelist                 queue       200  200   200
admin:mail_message_change                     queue       200  .     .
admin:mail_message_retry                      steer       .    302   .
admin:mail_message_stop                       steer       200  302   .
admin:mail_message_resumption                 steer       .    409   .
admin:engagements_material_changelist         material    200  200   200
admin:engagements_material_shelf              material    200  .     .
admin:engagements_material_add                publish     200  302   .
admin:engagements_material_change             material    200  .     .
admin:engagements_material_versions           publish     .    302   .
admin:engagements_material_download           material    200  .     .
admin:auth_group_changelist                   nobodys     403  403   403
admin:auth_group_add                          nobodys     403  403   403
admin:auth_group_delete                       nobodys     403  403   403
admin:auth_group_history                      nobodys     403  403   403
admin:auth_group_change                       nobodys     403  403   403
/desk/auth/group/%(object_id)s/               desk        302  302   302
"""
# fmt: on


def rows(table: str) -> list[dict[str, str]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


CELLS = {row.pop("kind"): row for row in rows(KINDS)}
PEOPLE = tuple(CELLS["public"])


# Kinds of doors whose forms, if they have any, change nothing.
KEPT_AS_THEY_ARE = {
    "public",
    "desk",
    "read",
    "catalogue",
    "payees",
    "enrolments",
    "audit",
    "queue",
    "material",
}


@dataclass(frozen=True)
class Door:
    """One line of the table of doors."""

    kind: str
    answers: dict[str, str]

    def kind_for(self, method: str) -> str:
        """A record of the catalogue is read by many and edited by one."""
        return ("edit" if method == "POST" else "catalogue") if self.kind == "record" else self.kind

    def answers_to(self, who: str, method: str) -> set[int]:
        """The status codes with which this person may be answered."""
        own = self.answers[{"HEAD": "GET", "GET": "GET", "POST": "POST"}.get(method, "other")]
        if own == "view":
            own = "200" if method == "OPTIONS" else "."
        cell = CELLS[self.kind_for(method)][who]
        if cell == "ok":
            return {405} if own == "." else {int(own)}
        # A door that does not know the method may say so before it looks who is there: that tells nothing.
        return {302} if cell == "in" else {int(cell)} | ({405} if own == "." else set())

    def asks_to_sign_in(self, who: str) -> bool:
        return CELLS[self.kind_for("GET")][who] == "in"

    def lets_in(self, who: str) -> bool:
        """Whether this person may send the door's form."""
        return CELLS[self.kind_for("POST")][who] == "ok"

    @property
    def acts(self) -> bool:
        """Whether the form of this door, when it is let in, changes something."""
        return self.kind not in KEPT_AS_THEY_ARE and self.answers["POST"] in {"200", "302"}


TABLE = {row.pop("door"): Door(row.pop("kind"), row) for row in rows(DOORS)}
