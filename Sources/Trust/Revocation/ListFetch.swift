internal import Glibc
package import Primitives

/// Fetches lists from their servers, each at its own times: the usual period with some jitter, sooner when the list in force ends before,
/// later and later while its server fails. Nothing waits for it but who asks to update now.
package actor ListFetch {
    /// What is remembered of an address; `version` and `authority` across restarts too.
    struct Place: Sendable {
        var version: ListVersion?
        /// Whose list it was, by the SHA-256 of the certificate.
        var authority: [UInt8]?
        /// Since the machine started; `nil` for at once.
        var due: Duration?
        var failures = 0
        var lastFailure: RevocationListError?
    }

    private let folder: RevocationFolder
    private let lists: RevocationLists
    private let fetcher: any ListFetcher
    private let addresses: ListAddresses
    private let memory: FetchMemory
    private let period: Duration
    private let time: any TimeSource
    private let random: any RandomSource
    private let limit: Duration
    private var places: [WebAddress: Place]
    private var underway: [WebAddress: Task<RevocationFolder.Outcome, Never>] = [:]

    /// The first wait after a failure; each further one doubles it, up to the period.
    private static let firstWait = Duration.seconds(60)
    private static let mostAtOnce = 4

    /// - Parameters:
    ///   - period: usual time between two looks at an address.
    ///   - limit: longest time for one list.
    package init(
        _ lists: RevocationLists, folder: RevocationFolder, fetcher: any ListFetcher, addresses: ListAddresses, period: Duration,
        time: any TimeSource, random: any RandomSource, limit: Duration = .seconds(120)
    ) {
        self.lists = lists
        self.folder = folder
        self.fetcher = fetcher
        self.addresses = addresses
        self.period = period
        self.time = time
        self.random = random
        self.limit = limit
        memory = FetchMemory(folder: folder.kept)
        places = memory.read()
        addresses.add(places.keys.sorted { $0.text < $1.text })
    }

    /// Fetches what is due.
    ///
    /// - Parameter all: everything, due or not.
    /// - Returns: what became of each address that was asked.
    package func run(all: Bool) async -> [RevocationFolder.Outcome] {
        let now = time.sinceBoot()
        let due = addresses.all.filter { all || (places[$0]?.due ?? .zero) <= now }
        var outcomes: [RevocationFolder.Outcome] = []
        for start in stride(from: 0, to: due.count, by: Self.mostAtOnce) {
            let tasks = due[start..<min(start + Self.mostAtOnce, due.count)].map(task)
            for task in tasks { outcomes.append(await task.value) }
        }
        if outcomes.contains(where: \.isNews) { memory.write(places) }
        return outcomes
    }

    /// One fetch at a time for each address; who comes meanwhile waits for that one.
    private func task(_ address: WebAddress) -> Task<RevocationFolder.Outcome, Never> {
        if let running = underway[address] { return running }
        let task = Task { await self.fetch(address) }
        underway[address] = task
        return task
    }

    private func fetch(_ address: WebAddress) async -> RevocationFolder.Outcome {
        defer { underway[address] = nil }
        var place = places[address] ?? Place()
        let before = place.lastFailure
        var outcome = await attempt(address, &place)
        switch outcome.result {
        case .success(let accepted):
            place.failures = 0
            place.lastFailure = nil
            place.authority = accepted.authority
            place.due = time.sinceBoot() + wait(until: accepted.nextUpdate)
            outcome.isNews = !accepted.isKnown
        case .failure(let error):
            outcome.isNews = before != error
            place.lastFailure = error
            place.due = time.sinceBoot() + jittered(min(period, Self.firstWait * (1 << min(place.failures, 20))))
            place.failures += 1
        }
        places[address] = place
        return outcome
    }

    private func attempt(_ address: WebAddress, _ place: inout Place) async -> RevocationFolder.Outcome {
        // What a server said of a copy counts only while a list of that authority is in force.
        let current = place.authority.flatMap { lists.accepted($0) }
        let known = current == nil ? nil : place.version
        _ = mkdir(folder.kept, 0o700)
        let path = "\(folder.kept)/.fetched-\(addresses.all.firstIndex(of: address) ?? 0)"
        // What an earlier run may have left.
        unlink(path)
        defer { unlink(path) }
        do throws(FetchFailure) {
            let (fetcher, largest) = (fetcher, RevocationListReader.largestFile)
            let version = try await inTime(limit) { () throws(FetchFailure) in
                try await fetcher.fetch(address, known: known, into: path, largest: largest)
            }
            guard let version else {
                guard let current else { throw .status(304) }
                return RevocationFolder.Outcome(file: address.text, result: .success(current))
            }
            let outcome = await folder.take(path, from: address.text, now: time.now())
            // A list that is not taken in is fetched whole again: the server may put its fault right under the same version.
            place.version = if case .success = outcome.result { version } else { nil }
            return outcome
        } catch {
            return RevocationFolder.Outcome(file: address.text, result: .failure(.notFetched(error)))
        }
    }

    /// The period, or less when the list ends before; never less than a minute.
    private func wait(until end: Timestamp?) -> Duration {
        let left = end.map { Duration.seconds($0.seconds - time.now().seconds) } ?? period
        return jittered(max(Self.firstWait, min(period, left)))
    }

    /// From 90 to 110 of 100, so that the workstations of a site do not all come at once.
    private func jittered(_ wait: Duration) -> Duration {
        let share = random.bytes(2).reduce(0) { $0 << 8 | Int($1) }
        return wait * 9 / 10 + wait * share / 65_535 / 5
    }
}
