//! Members come, change and go.

use super::{
    Actor, FieldInput, InviteInput, JoinInput, LoginInput, MemberEdit, VerifyInput, free, need_text, slug_of,
    tell::target,
};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::scenario::Import;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::{
    CustomField, EmailStatus, Invitation, Member, MemberStatus, RoleType, SpaceRoleType, State,
};
use base::Secret;
use serde_json::{Value, json};

/// Characters of a password at least; supposed.
const PASSWORD_MIN: usize = 8;

/// How long an invitation stands when nothing says how long, milliseconds; supposed.
const INVITATION_LIFE: i64 = 30 * 24 * 3_600_000;

impl State {
    /// The member who signs in with a password.
    pub fn log_in(&self, input: &LoginInput) -> Result<String, Refusal> {
        let wrong = || Refusal::invalid("password", "The user name or the password is wrong");
        let name = &input.username_or_email;
        let member =
            self.member_of_email(name).or_else(|| self.member_of_username(name)).ok_or_else(wrong)?;
        if member.password.is_empty() || member.password != input.password || !member.is_there() {
            return Err(wrong());
        }
        match member.status {
            MemberStatus::Suspended => Err(Refusal::forbidden()),
            _ => Ok(member.id.clone()),
        }
    }

    /// A new member, made by a guest for themselves or by an app for somebody. The new member's id.
    pub fn join(&mut self, by: &Actor, input: JoinInput) -> Result<String, Refusal> {
        let verified = input.verified == Some(true);
        let dated = input.created_at.is_some() || input.updated_at.is_some();
        if verified || dated || input.external_id.is_some() || input.external_url.is_some() {
            self.need_importer(by)?;
            if self.rules.members.import == Import::Refused {
                return Err(Refusal::forbidden());
            }
        }
        need_text("name", &input.name)?;
        self.need_free_email(&input.email, None)?;
        need_password(&input.password)?;
        let username = match &input.username {
            Some(username) => {
                self.need_free_username(username, None)?;
                username.clone()
            }
            None => free(slug_of(&input.name), |name| self.member_of_username(name).is_some()),
        };
        self.need_free_external_id(input.external_id.as_deref(), None)?;

        let id = self.ids.next();
        let role = self.role_of(RoleType::Member).id.clone();
        let now = self.now;
        let code = (!verified).then(|| self.ids.next());
        let phone = input.phone.map(|phone| json!({"key": "phone", "value": json!(phone).to_string()}));
        self.put_member(Member {
            name: Some(input.name.trim().to_owned()),
            email: Some(input.email.clone()),
            email_status: Some(if verified { EmailStatus::Verified } else { EmailStatus::Sent }),
            status: if verified { MemberStatus::Verified } else { MemberStatus::Unverified },
            verified_at: verified.then_some(now),
            created_at: input.created_at.unwrap_or(now),
            updated_at: input.updated_at.or(input.created_at).unwrap_or(now),
            external_id: input.external_id,
            external_url: input.external_url,
            tagline: input.tagline,
            extra_properties: phone.into_iter().collect(),
            password: input.password,
            verification_code: code,
            ..Member::new(id.clone(), username, role, now)
        });
        match (verified, self.rules.members.import) {
            (false, _) => self.sent.note(SentKind::VerificationMail, &id),
            (true, Import::Mailed) => self.sent.note(SentKind::WelcomeMail, &id),
            (true, _) => {}
        }
        self.tell_member("member.created", by, &id, None);
        if verified {
            self.tell_member("member.verified", by, &id, None);
        }
        self.accept_invitation(&input.email, &id);
        Ok(id)
    }

    /// Whoever was invited and comes has accepted.
    fn accept_invitation(&mut self, email: &str, member: &str) {
        let now = self.now;
        let open = |i: &&mut Invitation| {
            i.status == "sent" && i.expires_at > now && i.invitee_email.eq_ignore_ascii_case(email)
        };
        let Some(invitation) = self.invitations.values_mut().find(open) else { return };
        (invitation.status, invitation.joined_at) = ("accepted", Some(now));
        invitation.invitee_id = Some(member.to_owned());
        let (spaces, invitation) = (invitation.spaces.clone(), invitation.clone());
        if let Some(member) = self.members.get_mut(member) {
            member.role_id = invitation.role_id.clone();
        }
        let by = Actor::person(member);
        let object = self.invitation_wire(&invitation);
        self.tell("member_invitation.accepted", &by, object, None, target(&[("memberId", member)]));
        let role = self.space_role(SpaceRoleType::Member).id.clone();
        for space in spaces {
            self.enter_space(&by, &space, member, &role);
        }
    }

    /// Invites people by mail; everybody gets one.
    pub fn invite(&mut self, by: &Actor, input: &InviteInput) -> Result<Vec<String>, Refusal> {
        let mut seen: Vec<String> = Vec::new();
        let mut invitations = Vec::new();
        if input.invitees.is_empty() {
            return Err(Refusal::missing("invitees"));
        }
        for invitee in &input.invitees {
            self.need_free_email(&invitee.email, None)?;
            if seen.contains(&invitee.email.to_lowercase()) {
                return Err(Refusal::invalid("email", "The email is invited twice"));
            }
            seen.push(invitee.email.to_lowercase());
            let role = invitee.role_id.as_ref().or(input.role_id.as_ref()).map(|id| id.0.clone());
            let role = role.unwrap_or_else(|| self.role_of(RoleType::Member).id.clone());
            self.need_role(&role)?;
            let spaces = invitee.default_spaces_ids.as_ref().or(input.default_spaces_ids.as_ref());
            let spaces: Vec<String> = spaces.into_iter().flatten().map(|id| id.0.clone()).collect();
            for space in &spaces {
                self.space(space)?;
            }
            invitations.push(Invitation {
                id: String::new(),
                invitee_email: invitee.email.clone(),
                invitee_name: invitee.name.clone(),
                invitee_id: None,
                inviter_id: by.member.clone(),
                invitation_message: input.invitation_message.clone(),
                role_id: role,
                status: "sent",
                created_at: self.now,
                expires_at: input.expires_at.unwrap_or(self.now.plus(INVITATION_LIFE)),
                joined_at: None,
                spaces,
            });
        }
        let mut ids = Vec::new();
        for mut invitation in invitations {
            invitation.id = self.ids.next();
            self.sent.note(SentKind::InvitationMail, &invitation.invitee_email);
            let object = self.invitation_wire(&invitation);
            ids.push(invitation.id.clone());
            self.invitations.insert(invitation.id.clone(), invitation);
            self.tell("member_invitation.created", by, object, None, target(&[]));
        }
        Ok(ids)
    }

    /// Changes a member; without an id the one who asks.
    pub fn update_member(
        &mut self,
        by: &Actor,
        id: Option<String>,
        edit: MemberEdit,
    ) -> Result<String, Refusal> {
        let id = id.unwrap_or_else(|| by.member.clone());
        self.need_admin_or(by, &id)?;
        let mut member = self.member(&id)?.clone();
        let admin = self.is_admin(by);
        if edit.role_id.is_some() || edit.flagged.is_some() {
            self.need_admin(by)?;
        }
        let dated = edit.created_at.is_some() || edit.updated_at.is_some();
        if dated || edit.external_id.is_some() || edit.external_url.is_some() {
            self.need_importer(by)?;
        }
        if let Some(name) = edit.name.or(edit.display_name) {
            need_text("name", &name)?;
            member.name = Some(name);
        }
        if let Some(username) = edit.username {
            self.need_free_username(&username, Some(&id))?;
            member.username = username;
        }
        let mut to_verify = false;
        if let Some(email) = edit.email.filter(|email| member.email.as_ref() != Some(email)) {
            self.need_free_email(&email, Some(&id))?;
            // An admin's word is taken; anybody else proves the address first.
            to_verify = !admin;
            let place = if admin { &mut member.email } else { &mut member.new_email };
            *place = Some(email);
        }
        if let Some(role) = edit.role_id {
            self.need_role(&role.0)?;
            member.role_id = role.0;
        }
        if let Some(external) = edit.external_id {
            self.need_free_external_id(Some(&external), Some(&id))?;
            member.external_id = Some(external);
        }
        for field in edit.fields.into_iter().flatten() {
            self.set_field(&mut member, field)?;
        }
        for media in edit.profile_picture_id.iter().chain(&edit.banner_id) {
            self.need_media(media)?;
        }
        if let Some(password) = edit.new_password {
            if !admin && edit.current_password.as_ref() != Some(&member.password) {
                return Err(Refusal::invalid("currentPassword", "The current password is wrong"));
            }
            need_password(&password)?;
            member.password = password;
        }
        if let Some(messaging) = edit.settings.and_then(|settings| settings.private_messaging) {
            let staff = messaging.who_can_contact_member.map(|who| who == "Staff");
            member.contact.enabled = messaging.private_messaging_enabled.unwrap_or(member.contact.enabled);
            member.contact.staff_only = staff.unwrap_or(member.contact.staff_only);
        }
        member.external_url = edit.external_url.or(member.external_url);
        member.tagline = edit.tagline.or(member.tagline);
        member.locale = edit.locale.unwrap_or(member.locale);
        member.time_zone = edit.time_zone.or(member.time_zone);
        member.profile_picture_id = edit.profile_picture_id.or(member.profile_picture_id);
        member.banner_id = edit.banner_id.or(member.banner_id);
        member.flagged = edit.flagged.unwrap_or(member.flagged);
        member.created_at = edit.created_at.unwrap_or(member.created_at);
        member.updated_at = edit.updated_at.unwrap_or(self.now);
        if to_verify {
            member.verification_code = Some(self.ids.next());
            self.sent.note(SentKind::VerificationMail, &id);
        }
        self.change_member(by, "member.updated", member);
        Ok(id)
    }

    /// Writes a member and tells of it.
    fn change_member(&mut self, by: &Actor, event: &'static str, member: Member) {
        let id = member.id.clone();
        let old = self.members.get(&id).map(|old| self.member_wire(old));
        self.put_member(member);
        self.tell_member(event, by, &id, old);
    }

    fn set_field(&self, member: &mut Member, input: FieldInput) -> Result<(), Refusal> {
        let place = format!("fields.{}", input.key);
        let field = self.network.member_fields.iter().find(|field| field.key == input.key);
        let field = field.ok_or_else(|| Refusal::invalid(&place, "There is no such member field"))?;
        let value: Value = serde_json::from_str(&input.value)
            .map_err(|_| Refusal::invalid(&place, "The value is not JSON text"))?;
        if !value.is_null() && !field.kind.takes(&value) {
            return Err(Refusal::invalid(&place, format!("The value is not of type {}", json!(field.kind))));
        }
        if value.is_null() && field.required {
            return Err(Refusal::missing(&place));
        }
        member.fields.retain(|other| other.key != input.key);
        member.fields.push(CustomField { key: input.key, value: input.value });
        Ok(())
    }

    /// Deletes a member; posts stay.
    pub fn delete_member(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        self.need_admin_or(by, id)?;
        let mut member = self.member(id)?.clone();
        if id == self.network.owner_id || id == self.bot_id {
            return Err(Refusal::forbidden());
        }
        member.status_before = Some(member.status);
        member.status = MemberStatus::Deleted;
        self.change_member(by, "member.deleted", member);
        Ok(true)
    }

    /// Brings deleted members back: all of them, or nobody.
    pub fn undo_member_deletion(&mut self, by: &Actor, ids: &[String]) -> Result<bool, Refusal> {
        self.need_admin(by)?;
        let mut back = Vec::new();
        for id in ids {
            let mut member = self.members.get(id).ok_or_else(|| Refusal::not_found("Member"))?.clone();
            let other = |found: Option<&Member>| found.is_some_and(|found| found.id != *id);
            let email_taken = other(member.email.as_ref().and_then(|email| self.member_of_email(email)));
            if member.is_there() || email_taken || other(self.member_of_username(&member.username)) {
                return Ok(false);
            }
            member.status = member.status_before.take().unwrap_or(MemberStatus::Verified);
            back.push(member);
        }
        for member in back {
            self.change_member(by, "member.updated", member);
        }
        Ok(true)
    }

    /// Locks a member out, or lets them in again.
    pub fn suspend(&mut self, by: &Actor, id: &str, suspend: bool) -> Result<bool, Refusal> {
        self.need_admin(by)?;
        let mut member = self.member(id)?.clone();
        if id == self.network.owner_id || id == self.bot_id {
            return Err(Refusal::forbidden());
        }
        if (member.status == MemberStatus::Suspended) == suspend {
            return Ok(false);
        }
        member.status = match (suspend, member.verified_at) {
            (true, _) => MemberStatus::Suspended,
            (false, Some(_)) => MemberStatus::Verified,
            (false, None) => MemberStatus::Unverified,
        };
        let event = if suspend { "member.suspended" } else { "member.unsuspended" };
        self.change_member(by, event, member);
        Ok(true)
    }

    /// Proves an address: with the code that was mailed, or by an admin's word.
    pub fn verify_member(&mut self, by: &Actor, input: &VerifyInput) -> Result<String, Refusal> {
        let mut member = self.member(&input.member_id)?.clone();
        let proven =
            member.verification_code.is_some() && member.verification_code == input.verification_code;
        if !proven {
            self.need_admin(by)?;
        }
        if let Some(email) = member.new_email.take() {
            member.email = Some(email);
        }
        if member.status == MemberStatus::Unverified {
            member.status = MemberStatus::Verified;
        }
        (member.verified_at, member.email_status) = (Some(self.now), Some(EmailStatus::Verified));
        member.verification_code = None;
        let id = member.id.clone();
        self.change_member(by, "member.verified", member);
        Ok(id)
    }

    fn need_role(&self, id: &str) -> Result<(), Refusal> {
        let found = self.roles.iter().any(|role| role.id == id && role.kind != RoleType::Guest);
        if found { Ok(()) } else { Err(Refusal::invalid("roleId", "There is no such role")) }
    }

    fn need_free_email(&self, email: &str, own: Option<&str>) -> Result<(), Refusal> {
        let wrong = Refusal::invalid("email", "The email is not valid");
        let (name, domain) = email.split_once('@').ok_or_else(|| wrong.clone())?;
        let odd = |c: char| c.is_whitespace() || c == '@' || c.is_control();
        let whole = !name.is_empty() && domain.contains('.') && !domain.starts_with('.');
        if !whole || domain.ends_with('.') || name.contains(odd) || domain.contains(odd) {
            return Err(wrong);
        }
        match self.member_of_email(email).filter(|member| Some(member.id.as_str()) != own) {
            Some(_) => Err(Refusal::invalid("email", "The email is already taken")),
            None => Ok(()),
        }
    }

    fn need_free_username(&self, username: &str, own: Option<&str>) -> Result<(), Refusal> {
        let fits = |c: char| c.is_alphanumeric() || "._-".contains(c);
        if username.is_empty() || !username.chars().all(fits) {
            return Err(Refusal::invalid("username", "The username is not valid"));
        }
        match self.member_of_username(username).filter(|member| Some(member.id.as_str()) != own) {
            Some(_) => Err(Refusal::invalid("username", "The username is already taken")),
            None => Ok(()),
        }
    }

    fn need_free_external_id(&self, id: Option<&str>, own: Option<&str>) -> Result<(), Refusal> {
        let Some(id) = id else { return Ok(()) };
        match self.member_of_external_id(id).filter(|member| Some(member.id.as_str()) != own) {
            Some(_) => Err(Refusal::invalid("externalId", "The externalId is already taken")),
            None => Ok(()),
        }
    }
}

fn need_password(password: &Secret) -> Result<(), Refusal> {
    if password.expose().chars().count() >= PASSWORD_MIN {
        return Ok(());
    }
    Err(Refusal::invalid("password", format!("The password has less than {PASSWORD_MIN} characters")))
}
