/** How many people a group has at most. */
export const GROUP_SIZE = 500;
