import APIContract
import AgentClient
import ArgumentParser
import Identity
import Primitives

struct DirectoryImportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: Help.text(
            "Import an extraction of the Annuaire Santé; for root.", "Importer une extraction de l'Annuaire Santé ; pour root."),
        discussion: Help.text(
            """
            FILE is PS_LibreAcces_Personne_activite_….txt, out of its archive. A line is kept when it fits any of the options; without \
            options all are. The directory in force stays until the new one is there whole. An import that was interrupted goes on where \
            it was when the same command is given again.
            """,
            """
            FILE est PS_LibreAcces_Personne_activite_….txt, sorti de son archive. Une ligne est gardée quand elle répond à l'une des \
            options ; sans option, toutes le sont. L'annuaire en vigueur reste jusqu'à ce que le nouveau soit là en entier. Un import \
            interrompu reprend où il en était quand la même commande est redonnée.
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("The extraction.", "L'extraction."))
    var file: String

    @Option(
        name: .customLong("structure"),
        help: Help.argument(
            "Keep the lines of this FINESS or SIRET number; may be repeated.",
            "Garder les lignes de ce numéro FINESS ou SIRET ; peut être répété."))
    var structures: [String] = []

    @Option(
        name: .customLong("department"),
        help: Help.argument(
            "Keep the lines of this department (75, 2A, 971); may be repeated.",
            "Garder les lignes de ce département (75, 2A, 971) ; peut être répété."))
    var departments: [String] = []

    @Option(
        name: .customLong("rpps-file"),
        help: Help.argument(
            "Keep the people of this file: an RPPS number a line.", "Garder les personnes de ce fichier : un numéro RPPS par ligne."))
    var people: String?

    func validate() throws {
        for structure in structures where !CheckDigits.isFINESS(structure) && !CheckDigits.isSIRET(structure) {
            throw ValidationError("\(structure) is neither a FINESS nor a SIRET number")
        }
        for department in departments where !Self.isDepartment(department) {
            throw ValidationError("\(department) is no department")
        }
    }

    private static func isDepartment(_ text: String) -> Bool {
        if ["2A", "2B"].contains(text) { return true }
        return (2...3).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let upload: DirectoryUpload
        let wanted: DirectoryPeople?
        do throws(UploadFailure) {
            upload = try DirectoryUpload(path: file)
            wanted = try people.map { path throws(UploadFailure) in try DirectoryPeople(path: path) }
        } catch {
            throw tool.output.problem(.invalidRequest, error.reason)
        }
        let body = JSON.members([
            "sha256": .string(upload.sha256), "size": .int(upload.size), "structures": .array(structures.map(JSON.string)),
            "departments": .array(departments.map(JSON.string)), "people_sha256": wanted.map { .string($0.sha256) },
        ])
        var state = try tool.client.send(AgentRequest(.post, ["directory", "imports"], body: .json(body))).json()
        guard let id = state["id"]?.string else {
            throw tool.output.problem(.internalError, Text("l'import n'a pas d'id", "the import has no id"))
        }
        if let wanted, state["offset"]?.int == 0 {
            for part in wanted.parts {
                let request = AgentRequest(.put, ["directory", "imports", id, "people"], body: .bytes(part))
                state = try tool.client.send(request).json()
            }
        }
        state = try sent(upload, id, state, tool)
        let language = tool.output.language
        try tool.output.show(state) {
            DirectorySentence.summary(state, language) + DirectorySentence.badLines(state, language)
        }
        return .done
    }

    /// Sends what the agent does not have yet.
    private func sent(_ upload: DirectoryUpload, _ id: String, _ begun: JSON, _ tool: Tool) throws(Problem) -> JSON {
        var (state, isLost) = (begun, false)
        var progress = DirectoryProgress(tool: tool, size: upload.size, from: begun["offset"]?.int ?? 0)
        while let offset = state["offset"]?.int, offset < upload.size {
            let part: [UInt8]
            do throws(UploadFailure) { part = try upload.part(at: offset) } catch {
                throw tool.output.problem(.invalidRequest, error.reason)
            }
            let request = AgentRequest(
                .put, ["directory", "imports", id, "data"], query: [("offset", String(offset))], body: .bytes(part),
                patience: Self.patience)
            do throws(Problem) {
                state = try tool.client.send(request).json()
                isLost = false
            } catch {
                // Where the import is, as the agent says; once only, so that two programs do not push each other for ever.
                guard ErrorCode(rawValue: error.code) == .importOffset, !isLost, error.json["offset"]?.int != nil else { throw error }
                (state, isLost) = (error.json, true)
            }
            progress.show(state["offset"]?.int ?? offset)
        }
        return state
    }

    /// The last part is answered once all of it is on the disk.
    private static let patience = Duration.seconds(300)
}
