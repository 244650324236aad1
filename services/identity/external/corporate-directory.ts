/** The credentials of a login at the corporate directory. */
export interface CorporateCredentials {
  readonly account_id: string | number;
  readonly username: string;
  readonly password: string;
}

/** The person that the directory knows by them. */
export interface CorporateIdentity {
  /** The directory's own id of the person. */
  readonly guid: string;
  readonly ace_user_id: string | number;
  readonly username: string;
  /** Null unless the directory says that it verified it. */
  readonly verified_email: string | null;
  /** Their role there, if it says one; `CORPORATE_ROLES` decides what follows from it. */
  readonly role?: string | null;
}

/** The corporate login API; portable, so Workers have it too. */
export interface CorporateDirectory {
  /** The origin of its URL; a person is known by it and their guid. */
  readonly origin: string;
  /**
   * @throws StoaError `invalid_credentials`; `invalid_account_id` when it has no such account; `directory_unavailable`
   *   when it does not answer in time or its answer is not valid
   */
  authenticate(credentials: CorporateCredentials): Promise<CorporateIdentity>;
}
