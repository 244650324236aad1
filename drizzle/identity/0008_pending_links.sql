ALTER TABLE `mfa_challenges` ADD `link` text;
