CREATE INDEX `invitations_inviter` ON `invitations` (`invited_by`) WHERE status = 'pending';
