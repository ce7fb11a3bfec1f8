import APIContract
import ArgumentParser
import Foundation
import PKI
import Primitives
import Revocation

struct TrustCheckVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Help.text(
            "Check the authorities and revocation lists on disk, without the agent.",
            "Vérifier sur disque les autorités et les listes de révocation, sans l'agent."),
        discussion: Help.text(
            """
            Says what would be refused and why, and what ends soon. Exit code 6 when an authority or a list would be refused.

            Example: cpsctl trust check --config /etc/cps-agent/agent.yaml
            """,
            """
            Dit ce qui serait refusé et pourquoi, et ce qui se termine bientôt. Code de sortie 6 quand une autorité ou une liste serait \
            refusée.

            Exemple : cpsctl trust check --config /etc/cps-agent/agent.yaml
            """))

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: TrustFolderOptions

    @Option(
        help: Help.argument(
            "A folder of revocation lists to check besides.",
            "Un dossier de listes de révocation à vérifier en plus."))
    var crls: String?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let folders = try place.folders(tool)
        let store: TrustStore
        do throws(TrustStoreError) { store = try TrustStore.load(folder: folders.anchors) } catch {
            throw tool.output.problem(error)
        }
        let now = tool.time.now()
        var findings = store.examined(at: now).flatMap { fields, isAnchor, faults in
            faults.map { TrustFinding(isAnchor ? "anchor" : "intermediate", fields.name, $0, fields) }
        }
        let lists = RevocationLists(store)
        for folder in folders.lists + [crls].compactMap(\.self) {
            findings += Self.lists(in: folder, into: lists, at: now)
        }
        findings += Self.gaps(store, lists, folders, at: now)
        let isSound = findings.allSatisfy { !$0.isRefused }
        let document: JSON = [
            "sound": .bool(isSound), "environment": .string(store.environment.rawValue),
            "findings": .array(findings.map { $0.json(tool.output.language) }),
        ]
        try tool.output.show(document) {
            findings.isEmpty
                ? [TrustSentence.sound.in(tool.output.language)]
                : findings.map { $0.line(tool.output.language) }
        }
        return isSound ? .done : .certificate
    }

    /// Loads the lists of a folder; what is refused is told. A folder that is not there has none.
    private static func lists(in folder: String, into lists: RevocationLists, at now: Timestamp)
        -> [TrustFinding]
    {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".crl") && $0.first != "."
        }
        return names.sorted().compactMap { name in
            let path = "\(folder)/\(name)"
            do throws(RevocationListError) {
                _ = try lists.load(path: path, now: now)
                return nil
            } catch {
                return TrustFinding("list", path, isRefused: true, TrustSentence.listRefused(error.text))
            }
        }
    }

    /// Authorities of which there is no list that decides now.
    private static func gaps(
        _ store: TrustStore, _ lists: RevocationLists, _ folders: TrustFolderOptions.Folders,
        at now: Timestamp
    ) -> [TrustFinding] {
        (store.anchors + store.intermediates).compactMap { fields in
            guard let list = lists.list(of: fields.fingerprint) else {
                return TrustFinding(
                    "list", fields.name, isRefused: folders.refusesStale, TrustSentence.listMissing)
            }
            let end = min(
                list.nextUpdate ?? list.thisUpdate.advanced(bySeconds: folders.maxAge),
                list.thisUpdate.advanced(bySeconds: folders.maxAge))
            if now > end {
                return TrustFinding(
                    "list", fields.name, isRefused: folders.refusesStale,
                    TrustSentence.listStale(end.description))
            }
            return list.endsSoon(at: now)
                ? TrustFinding(
                    "list", fields.name, isRefused: false, TrustSentence.listEndsSoon(end.description)) : nil
        }
    }
}

/// One thing that is wrong, or soon will be.
struct TrustFinding {
    private let kind: String
    private let name: String
    let isRefused: Bool
    private let text: Text

    init(_ kind: String, _ name: String, isRefused: Bool, _ text: Text) {
        self.kind = kind
        self.name = name
        self.isRefused = isRefused
        self.text = text
    }

    init(_ kind: String, _ name: String, _ fault: AuthorityFault, _ fields: CertificateFields) {
        self.init(kind, name, isRefused: fault.refuses, fault.text(fields))
    }

    func json(_ language: Language) -> JSON {
        [
            "kind": .string(kind), "name": .string(name), "refused": .bool(isRefused),
            "text": .string(text.in(language)),
        ]
    }

    func line(_ language: Language) -> String {
        let verdict = isRefused ? TrustSentence.refused : DoctorSentence.attention
        return "\(verdict.in(language))  \(name): \(text.in(language))"
    }
}
