DROP INDEX `invitations_inviter`;
