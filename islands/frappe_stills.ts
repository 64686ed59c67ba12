/** What stands for Frappe's animations: its charts are stills here, and need not weigh what moves. */

/** Never called, as no chart is animated. */
export function runSMILAnimation(): void {}
