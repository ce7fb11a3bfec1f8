import ArgumentParser

/// The whole command line: global options and verbs.
struct CPSCtl: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "cpsctl",
        abstract: "Speak to the CPS Agent of this workstation.",
        discussion: """
            Exit codes: 0 done; 1 refused; 2 usage; 3 agent unreachable; 4 no reader or no card; 5 PIN wrong or blocked; \
            6 certificate not trusted; 7 audit verification failed; 8 other error.
            """,
        subcommands: [
            StatusVerb.self, ReadersVerb.self, CardVerb.self, WatchVerb.self, LoginVerb.self, LogoutVerb.self, SessionVerbs.self,
            PINVerbs.self, TokenVerb.self, IntrospectVerb.self, AuditVerbs.self, TrustVerbs.self, DoctorVerb.self, CompletionsVerb.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl" }
}
