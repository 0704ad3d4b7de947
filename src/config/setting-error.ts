/** A missing or wrong setting. Its message is one line that begins with the setting's name. */
export class SettingError extends Error {
  constructor(setting: string, issue: string) {
    super(`${setting}: ${issue}`);
    this.name = "SettingError";
  }
}
