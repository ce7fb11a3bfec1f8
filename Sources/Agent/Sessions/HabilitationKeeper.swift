package import Audit
internal import ConfigurationFile
package import Habilitation
package import Primitives

/// Keeps the matrix of rights up with its file while the agent runs: a good one comes into force at once, in live sessions too; a bad one
/// leaves the old one in force, and says so.
package actor HabilitationKeeper {
    private let inForce: HabilitationInForce
    private let file: MatrixFile?
    private let registry: SessionRegistry
    private let time: any TimeSource
    private let report: @Sendable (String) -> Void
    private var seen: MatrixFile.Version?
    private var loadedAt: Timestamp
    private var refused: (error: ConfigurationError, at: Timestamp)?

    /// Problems of a refused file in one trace; `GET /v1/habilitation` tells all.
    private static let problemsTraced = 16

    /// - Parameters:
    ///   - file: `nil` for the built-in matrix.
    ///   - version: of the file that is in force.
    package init(
        _ inForce: HabilitationInForce, file: MatrixFile?, version: MatrixFile.Version?, registry: SessionRegistry, time: any TimeSource,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.inForce = inForce
        self.file = file
        seen = version
        self.registry = registry
        self.time = time
        self.report = report
        loadedAt = time.now()
    }

    /// Takes in the file when it has changed.
    package func look() async {
        guard let file else { return }
        let now = time.now()
        switch await file.look(past: seen, now: now.milliseconds) {
        case .unchanged, .unsettled: return
        case .loaded(let matrix, let version):
            seen = version
            refused = nil
            guard matrix.sha256 != inForce.matrix.sha256 else { return }
            loadedAt = now
            await registry.record([Self.loaded(matrix, file.path, at: now)])
            inForce.replace(by: matrix)
            await registry.reassessRights()
        case .refused(let error, let version):
            seen = version
            refused = (error, now)
            report("\(file.path) refused, the matrix of before stays in force: \(error)")
            var draft = TraceDraft(.habilitationFileRefused, .failed, at: now)
            let problems = ConfigurationError(problems: Array(error.problems.prefix(Self.problemsTraced)))
            draft.detail = [
                "file": .string(file.path), "problems": problems.json(), "count": .int(Int64(error.problems.count)),
                "in_force": .string(inForce.matrix.sha256),
            ]
            await registry.record([draft])
        }
    }

    /// Most persons that a trace names; of more it tells how many there are.
    private static let personsTraced = 256

    /// The trace of a matrix that comes into force, with who has which role by it.
    ///
    /// - Parameter file: `nil` for the built-in one.
    package static func loaded(_ matrix: HabilitationMatrix, _ file: String?, at time: Timestamp) -> TraceDraft {
        var draft = TraceDraft(.habilitationLoaded, .info, at: time)
        var members = members(matrix, file)
        if matrix.people.count <= personsTraced {
            members["roles"] = .object(matrix.people.mapValues { .array($0.map(\.rawValue).sorted().map(JSON.string)) })
        }
        draft.detail = .object(members)
        return draft
    }

    /// What is in force, and what was refused since, for `GET /v1/habilitation`.
    ///
    /// - Parameter language: of what is wrong.
    package func json(in language: Language) -> JSON {
        let own: [String: JSON] = [
            "loaded_at": .string(loadedAt.description),
            "refused": refused.map { ["at": .string($0.at.description), "problems": $0.error.json(language)] } ?? .null,
        ]
        return .object(own.merging(Self.members(inForce.matrix, file?.path)) { own, _ in own })
    }

    /// For `GET /v1/status`; `nil` when all is well.
    package var warning: Text? {
        guard let refused, let file, let first = refused.error.problems.first else { return nil }
        return Text(
            "habilitations.file \(file.path) a été refusé à \(refused.at) (\(first.sentence.french)) ; la matrice chargée à \(loadedAt) reste en vigueur.",
            "habilitations.file \(file.path) was refused at \(refused.at) (\(first.sentence.english)); the matrix loaded at \(loadedAt) stays in force."
        )
    }

    /// Why somebody has the rights they have.
    package func explanation(of facts: Facts, scopes: [Scope]) -> JSON { inForce.matrix.explanation(of: facts, scopes: scopes) }

    private static func members(_ matrix: HabilitationMatrix, _ file: String?) -> [String: JSON] {
        guard case .object(var members) = matrix.json else { return [:] }
        members["source"] = file == nil ? "built_in" : "file"
        members["file"] = JSON(file)
        return members
    }
}
