internal import Audit
internal import AuditForms
package import Handover
internal import Primitives

/// Sends traces as audit messages of DICOM over syslog with TLS: IHE ATNA, ITI-20.
package struct SyslogTarget: ForwardTarget {
    package let name: String
    package let kind = "syslog"
    package let batch = 200
    private let client: SyslogClient
    private let limit: Duration

    /// - Parameter limit: time for a batch.
    package init(name: String, client: SyslogClient, limit: Duration) {
        self.name = name
        self.client = client
        self.limit = limit
    }

    package func hand(_ leaves: [[UInt8]]) async throws(HandingFailure) {
        let messages = leaves.compactMap { TraceRecord(leaf: $0) }.flatMap(Self.messages)
        guard !messages.isEmpty else { return }
        do throws(FetchFailure) {
            try await client.send(messages, within: limit)
        } catch {
            throw HandingFailure(error)
        }
    }

    private static func messages(_ record: TraceRecord) -> [[UInt8]] {
        TraceATNA.messages(record).map { message in
            SyslogMessage(
                severity: .notice, time: record.time, host: record.workstation, kind: "IHE+RFC-3881",
                text: String(decoding: message, as: UTF8.self)
            ).bytes
        }
    }
}
