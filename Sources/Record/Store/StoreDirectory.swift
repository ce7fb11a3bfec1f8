internal import Audit
internal import Directory
internal import Dispatch
internal import Foundation
internal import GRDB
package import Identity
package import Primitives
package import Sessions
internal import Synchronization

/// The imported directory, in a database of its own beside the agent's: an import of millions of lines holds up no login. Which file is
/// in force is told by the agent's database, in one commit with the trace of its import.
package final class StoreDirectory: DirectoryKeeping {
    private struct State {
        var current: DirectoryRows?
        /// The file in force while it cannot be opened.
        var unopened: String?
        /// Why the directory in force cannot be read.
        var loss: String?
        var underway: DirectoryFile?
    }

    private let folder: String
    private let log: TraceLog
    private let time: any TimeSource
    private let random: any RandomSource
    private let state: Mutex<State>
    /// Reading and writing a file takes long; it waits here, not on the threads that tasks share.
    private let queue = DispatchQueue(label: "store.directory")

    package init(_ log: TraceLog, folder: String, time: any TimeSource, random: any RandomSource) throws(StoreError) {
        self.log = log
        self.folder = folder
        self.time = time
        self.random = random
        let pool = log.store.pool
        let file = try storing { () -> String? in
            let name = try pool.read { try String.fetchOne($0, sql: "SELECT file FROM directory") }
            // What an import left that never came into force.
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasPrefix("directory-") && file != name {
                try FileManager.default.removeItem(atPath: "\(folder)/\(file)")
            }
            return name.map { "\(folder)/\($0)" }
        }
        // Nobody is kept out for want of a directory: it is opened when it is asked, and told as lost if it cannot be.
        state = Mutex(State(unopened: file))
    }

    // MARK: Looking

    package func situations(of person: NationalID) async throws(LedgerFailure) -> [Situation] {
        do {
            let situations = try await rows()?.situations(of: person) ?? []
            state.withLock { $0.loss = nil }
            return situations
        } catch {
            try await tellLoss("\(error)".cut(toBytes: 256))
            return []
        }
    }

    package var warning: Text? {
        state.withLock(\.loss).map { loss in
            Text(
                "L'annuaire importé ne peut pas être lu (\(loss)) : aucune situation n'est connue. L'importer de nouveau.",
                "The imported directory cannot be read (\(loss)): no situation is known. Import it again.")
        }
    }

    private func rows() throws -> DirectoryRows? {
        try state.withLock { state in
            guard let path = state.unopened else { return state.current }
            state.current = try DirectoryRows(path: path)
            state.unopened = nil
            return state.current
        }
    }

    /// Traced once, until the directory can be read again or another reason comes.
    private func tellLoss(_ reason: String) async throws(LedgerFailure) {
        guard state.withLock({ $0.loss }) != reason else { return }
        var draft = TraceDraft(.directoryLost, .failed, at: time.now())
        draft.detail = ["reason": .string(reason)]
        do { try await log.commit([draft]) } catch { throw LedgerFailure(reason: "\(error)") }
        state.withLock { $0.loss = reason }
    }

    package func person(_ id: NationalID) async throws(LedgerFailure) -> JSON? {
        do { return try await rows()?.person(id) } catch { throw LedgerFailure(reason: "\(error)") }
    }

    package func current() async throws(LedgerFailure) -> JSON? {
        do {
            let text = try await log.store.pool.read { try String.fetchOne($0, sql: "SELECT summary FROM directory") }
            return try text.map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    // MARK: Importing

    package func begin(_ request: DirectoryImportRequest) async throws(Refusal) -> JSON {
        let id = random.opaqueID()
        let path = "\(folder)/directory.partial"
        return try await apart { state throws(Refusal) in
            if let file = state.underway, file.request == request { return file.json("receiving") }
            state.underway = nil
            do {
                let file =
                    try (try? DirectoryFile(resuming: request, path: path)) ?? DirectoryFile(id: id, request: request, path: path)
                state.underway = file
                return file.json("receiving")
            } catch {
                throw Refusal(.internalError, ["detail": .string("\(error)".cut(toBytes: 256))])
            }
        }
    }

    package func underway(_ id: String) async throws(Refusal) -> JSON {
        try await apart { state throws(Refusal) in try Self.file(state, id).json("receiving") }
    }

    package func add(_ people: [NationalID], to id: String) async throws(Refusal) -> JSON {
        try await apart { state throws(Refusal) in
            var file = try Self.file(state, id)
            guard file.counts.offset == 0 else { throw Refusal(.importOffset, ["offset": .int(file.counts.offset)]) }
            guard file.people + people.count <= DirectoryFile.mostPeople else {
                throw Refusal(.invalidRequest, ["detail": .string("more than \(DirectoryFile.mostPeople) people")])
            }
            do { try file.add(people) } catch { throw Refusal(.internalError) }
            state.underway = file
            return file.json("receiving")
        }
    }

    package func take(_ bytes: [UInt8], at offset: Int64, into id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let taken: Taken
        do throws(Refusal) {
            taken = try await apart { [folder] state throws(Refusal) in
                try Self.take(bytes, offset, id, folder, &state)
            }
        } catch {
            guard [.directoryFormat, .directoryEmpty].contains(error.code) else { throw error }
            var draft = TraceDraft(.directoryRefused, .refused, at: time.now())
            draft.client = caller.json
            draft.code = error.code.rawValue
            draft.detail = .object(error.members)
            do { try await log.commit([draft]) } catch { throw Refusal(.traceUnavailable) }
            throw error
        }
        switch taken {
        case .part(let json): return json
        case .whole(let json, let rows): return try await putInForce(json, rows, by: caller)
        }
    }

    private enum Taken: Sendable {
        case part(JSON)
        case whole(JSON, DirectoryRows)
    }

    private static func take(
        _ bytes: [UInt8], _ offset: Int64, _ id: String, _ folder: String, _ state: inout State
    ) throws(Refusal) -> Taken {
        var file = try file(state, id)
        guard file.counts.offset == offset else { throw Refusal(.importOffset, ["offset": .int(file.counts.offset)]) }
        guard offset + Int64(bytes.count) <= file.request.size else { throw Refusal(.invalidRequest, ["detail": "more than announced"]) }
        do {
            try file.take(bytes)
        } catch let refusal as ExtractionRefusal {
            state.underway = nil
            throw refusal.refusal
        } catch {
            throw Refusal(.internalError, ["detail": .string("\(error)".cut(toBytes: 256))])
        }
        state.underway = file
        guard file.isWhole else { return .part(file.json("receiving")) }
        state.underway = nil
        guard file.isAsAnnounced else { throw Refusal(.directoryFormat, ["detail": "what came is not the file that was announced"]) }
        do {
            let totals = try file.totals()
            guard totals.situations > 0 else {
                throw Refusal(.directoryEmpty, ["lines": .int(Int64(file.lines)), "bad": .int(file.counts.bad)])
            }
            let name = "\(folder)/directory-\(id).sqlite"
            try file.seal(as: name)
            return .whole(
                file.json("done", ["people": .int(totals.people), "situations": .int(totals.situations)]), try DirectoryRows(path: name))
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.internalError, ["detail": .string("\(error)".cut(toBytes: 256))])
        }
    }

    private func putInForce(_ json: JSON, _ rows: DirectoryRows, by caller: Caller) async throws(Refusal) -> JSON {
        let now = time.now()
        var draft = TraceDraft(.directoryImported, .granted, at: now)
        draft.client = caller.json
        draft.detail = json.without(["id", "state", "offset", "bad_lines"])
        var summary = json.without(["id", "state", "offset"])
        if case .object(var members) = summary {
            members["imported_at"] = .string(now.description)
            summary = .object(members)
        }
        let text = String(decoding: summary.canonical, as: UTF8.self)
        do {
            try await log.commit([draft]) { db, _ in
                try db.execute(
                    sql: """
                        INSERT INTO directory (one, file, summary) VALUES (1, ?, ?)
                        ON CONFLICT (one) DO UPDATE SET file = excluded.file, summary = excluded.summary
                        """, arguments: [rows.name, text])
            }
        } catch {
            try? DirectoryFile.remove(rows.path)
            throw Refusal(.traceUnavailable)
        }
        let old = state.withLock { state in
            defer { (state.current, state.unopened, state.loss) = (rows, nil, nil) }
            return state.current
        }
        // Whoever reads it still has it open; the next start removes what cannot be removed now.
        if let old { try? DirectoryFile.remove(old.path) }
        return json
    }

    private static func file(_ state: State, _ id: String) throws(Refusal) -> DirectoryFile {
        guard let file = state.underway, file.id == id else { throw Refusal(.importNotFound) }
        return file
    }

    /// Does blocking work in its turn.
    private func apart<Value: Sendable>(
        _ work: @escaping @Sendable (inout State) throws(Refusal) -> Value
    ) async throws(Refusal) -> Value {
        try await queue.perform { () -> Result<Value, Refusal> in
            self.state.withLock { state in
                do throws(Refusal) { return .success(try work(&state)) } catch { return .failure(error) }
            }
        }.get()
    }
}

extension DirectoryFile {
    /// As callers see an import.
    func json(_ state: String, _ more: [String: JSON] = [:]) -> JSON {
        let members: [String: JSON] = [
            "id": .string(id), "state": .string(state), "sha256": .string(request.sha256), "size": .int(request.size),
            "offset": .int(counts.offset), "resumed": .bool(isResumed), "lines": .int(Int64(lines)), "kept": .int(counts.kept),
            "bad": .int(counts.bad), "filter": request.filter,
            "bad_lines": .array(counts.badLines.map { ["line": .int(Int64($0.number)), "reason": .string($0.reason)] }),
        ]
        return .object(members.merging(more) { first, _ in first })
    }
}

extension ExtractionRefusal {
    fileprivate var refusal: Refusal {
        switch self {
        case .noHeader: Refusal(.directoryFormat, ["detail": "the first line is no header of columns"])
        case .missingColumn(let name): Refusal(.directoryFormat, ["detail": .string("the column is missing: \(name)")])
        }
    }
}

extension JSON {
    fileprivate func without(_ names: Set<String>) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !names.contains($0.key) })
    }
}
