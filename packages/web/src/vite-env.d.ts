interface ImportMetaEnv {
  /** `yes` in the page as one file, chronos-verify.html. */
  readonly VITE_SINGLE_FILE?: 'yes';
  /** 64 hex digits: the digest of that file, as the page that links to it says. */
  readonly VITE_VERIFY_FILE_SHA256: string;
}
