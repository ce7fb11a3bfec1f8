import APIContract
import ArgumentParser
import PKI
import Primitives

struct TrustInstallVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: Help.text(
            "Put certificates of authorities into the agent's folder (as root).",
            "Mettre des certificats d'autorités dans le dossier de l'agent (en tant que root)."),
        discussion: Help.text(
            """
            In production only the nine published certificates of IGC-Santé are taken, by their SHA-256; those of a test hierarchy are \
            taken as they are; both together never. All are checked before one is written.

            Example: cpsctl trust install ACR-FO.cer ACI-FO-PP.cer
            """,
            """
            En production, seuls les neuf certificats publiés de l'IGC-Santé sont acceptés, par leur SHA-256 ; ceux d'une hiérarchie de \
            test le sont tels quels ; jamais les deux ensemble. Tous sont vérifiés avant qu'un seul soit écrit.

            Exemple : cpsctl trust install ACR-FO.cer ACI-FO-PP.cer
            """))

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: TrustFolderOptions

    @Argument(help: Help.argument("Certificates, PEM or DER.", "Certificats, PEM ou DER."))
    var files: [String]

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let folder = try place.folders(tool).anchors
        let installation: TrustInstallation
        do throws(TrustStoreError) {
            installation = try TrustInstallation(files: files, into: folder)
            try installation.write()
        } catch {
            throw tool.output.problem(error)
        }
        let isNew = installation.items.contains { !$0.isKnown }
        let document: JSON = [
            "environment": .string(installation.environment.rawValue), "folder": .string(folder),
            "restart_needed": .bool(isNew),
            "certificates": .array(installation.items.map(Self.json)),
        ]
        try tool.output.show(document) {
            let texts = installation.items.map {
                TrustSentence.installed($0.fields.name, $0.file, isKnown: $0.isKnown)
            }
            return (texts + (isNew ? [TrustSentence.restart] : [])).map { $0.in(tool.output.language) }
        }
        return .done
    }

    private static func json(_ item: TrustInstallation.Item) -> JSON {
        [
            "name": .string(item.fields.name), "role": .string(item.isAnchor ? "anchor" : "intermediate"),
            "file": .string(item.file),
            "sha256": .string(Hex.encode(item.fields.fingerprint)),
            "not_after": .string(item.fields.notAfter.description),
            "written": .bool(!item.isKnown),
        ]
    }
}

extension CertificateFields {
    /// What people call it by.
    var name: String { commonName ?? Hex.encode(fingerprint) }
}
