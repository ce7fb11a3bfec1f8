import ArgumentParser

struct AuditVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: Help.text("Read, check and export the log of traces.", "Lire, vérifier et exporter le journal des traces."),
        subcommands: [
            AuditListVerb.self, AuditShowVerb.self, AuditCheckpointVerb.self, AuditKeyVerb.self, AuditVerifyVerb.self, AuditProveVerb.self,
            AuditExportVerb.self, AuditRetainVerb.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl audit" }
}
