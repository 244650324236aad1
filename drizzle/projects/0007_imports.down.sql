DROP TABLE `imported`;
