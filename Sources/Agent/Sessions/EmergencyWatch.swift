/// Who is told of accesses that somebody else looks at afterwards.
package protocol EmergencyWatch: Sendable {
    /// One began, and is in the log.
    func began(_ emergency: Emergency) async

    /// A session is over, and with it every emergency of it.
    func ended(session: String, reason: Session.EndReason) async
}
