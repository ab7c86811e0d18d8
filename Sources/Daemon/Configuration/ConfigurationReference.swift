/// Writes `docs/configuration.md`, so that the page cannot say what the program does not do.
package enum ConfigurationReference {
    /// The whole page.
    package static var markdown: String {
        var page = """
            # Configuration

            <!-- Written by `varve generate-docs configuration`; a test compares. Change the table, not this page. -->

            A value comes from the strongest of four sources: a flag of `varve serve`, an environment variable, the
            configuration file, the default. `varve serve --print-config` shows every value and where it came from,
            and starts nothing.

            The file is the one named by `--config`, or by `VARVE_CONFIG`; else `varve.toml` in the current directory
            when there is one. It is TOML. A key that is not listed here is an error that names its line, and so is a
            value that does not fit.

            | key in the file, flag | environment | value | default |
            |---|---|---|---|

            """
        for setting in Setting.all {
            let unset = setting.defaultText.isEmpty ? "unset" : "`\(setting.defaultText)`"
            page += "| `\(setting.key)`, `\(setting.flag)` | `\(setting.environmentName)` "
            page += "| \(setting.kind.grammar) | \(unset) |\n"
        }
        page += "\n## What each one does\n\n"
        for setting in Setting.all {
            page += "- **`\(setting.key)`**: \(setting.summary)\n"
        }
        page += """

            A flag that is on or off may stand alone: `--allow-public-with-default-keys` means on.

            ## Identities

            Who may call is written in the file only, one table each. Without any, there is one: access key `test`,
            secret key `test`, account `000000000000`.

            ```toml
            [[identity]]
            name = "ada"
            account_id = "111122223333"
            access_key = "AKIAEXAMPLE"
            secret_key = "a secret of your own"
            ```

            All four keys are required. Access keys must differ. Several identities may share an account.

            """
        return page
    }
}
